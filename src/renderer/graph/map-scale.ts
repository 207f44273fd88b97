import type { View } from './keep-in-view.ts';
import { laneHeight } from './scale.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** How a story lies in its map: map pixels are `left + x * perX`, `top + y * perY` of flow pixels. */
export interface MapScale {
  readonly left: number;
  readonly top: number;
  readonly perX: number;
  readonly perY: number;
}

/** Map pixels left free around the story. */
const margin = 6;
/** A lane is at least so high in the map where there is room for it: time may be drawn narrower than lanes are high. */
const leastLane = 9;

/** The whole story in a map of a size. @param story its width and height in flow pixels, without room around it */
export function mapScale(story: Size, map: Size): MapScale {
  const [roomX, roomY] = [map.width - 2 * margin, map.height - 2 * margin];
  const most = roomY / Math.max(1, story.height);
  const perX = Math.min(roomX / Math.max(1, story.width), most);
  const perY = Math.min(most, Math.max(perX, leastLane / laneHeight));
  return {
    ...{ perX, perY },
    left: (map.width - story.width * perX) / 2,
    top: (map.height - story.height * perY) / 2,
  };
}

/** What of the map a pane of a size shows, as far as it lies in the map. Map pixels. */
export function seenInMap(view: View, pane: Size, scale: MapScale, map: Size) {
  const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value));
  const x = (screen: number): number => clamp(scale.left + ((screen - view.x) / view.zoom) * scale.perX, map.width);
  const y = (screen: number): number => clamp(scale.top + ((screen - view.y) / view.zoom) * scale.perY, map.height);
  const [left, top] = [x(0), y(0)];
  return { left, top, width: x(pane.width) - left, height: y(pane.height) - top };
}

/** The view whose middle is what lies at a place of the map, at the same zoom. */
export function viewAround(
  place: { readonly x: number; readonly y: number },
  view: View,
  pane: Size,
  scale: MapScale,
): View {
  return {
    zoom: view.zoom,
    x: pane.width / 2 - ((place.x - scale.left) / scale.perX) * view.zoom,
    y: pane.height / 2 - ((place.y - scale.top) / scale.perY) * view.zoom,
  };
}
