/** Flow pixels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** As React Flow has it: where flow (0, 0) lies on the screen, and how large a flow pixel is there. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Screen pixels below the pane's top that the ruler covers, and those of a story that must be seen. */
const ruler = 30;
const leastSeen = 48;

/**
 * The view after its pane has become larger or smaller. What lay in the middle from top to bottom lies there still; the
 * left edge stays where it is, as time begins there. A story that would be out of sight is moved back just far enough.
 */
export function viewAfterResize(view: View, before: Size, after: Size, story: Area): View {
  const { zoom } = view;
  const y = view.y + (after.height - before.height) / 2;
  return {
    x: seen(view.x, story.left * zoom, story.right * zoom, 0, after.width),
    y: seen(y, story.top * zoom, story.bottom * zoom, ruler, after.height),
    zoom,
  };
}

/** An offset that leaves enough of start..end between min and max. */
function seen(offset: number, start: number, end: number, min: number, max: number): number {
  const least = Math.min(leastSeen, end - start, max - min);
  return Math.min(Math.max(offset, min + least - end), max - least - start);
}
