export interface Area {
  readonly width: number;
  readonly height: number;
}

/**
 * Where a picture of another shape stands in an area: as large as it fits, in the middle. Whole pixels; a picture of the area's
 * own shape fills it, whatever rounding leaves.
 */
export function fitted(picture: Area, area: Area): Area & { readonly left: number; readonly top: number } {
  const scale = Math.min(area.width / picture.width, area.height / picture.height);
  const side = (own: number, whole: number): number => {
    const shown = Math.round(own * scale);
    return whole - shown <= 1 ? whole : shown;
  };
  const [width, height] = [side(picture.width, area.width), side(picture.height, area.height)];
  return { width, height, left: Math.floor((area.width - width) / 2), top: Math.floor((area.height - height) / 2) };
}
