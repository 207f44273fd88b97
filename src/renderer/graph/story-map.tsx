import { Panel, useReactFlow, useStore } from '@xyflow/react';
import { memo, type PointerEvent, useEffect, useMemo, useRef } from 'react';
import type { GraphLayout } from '../../shared/project/layout.ts';
import type { ShotStateName } from '../../shared/project/status.ts';
import { useStory } from '../state/index.ts';
import css from './graph.module.css';
import { type MapScale, mapScale, seenInMap, viewAround } from './map-scale.ts';
import { laneHeight, shotHeight } from './scale.ts';
import { stateColors } from './state-colors.ts';
import { pathsByState } from './story-paths.ts';

/** In a smaller pane the map would cover what it is a map of, in pixels. */
const leastPane = { width: 520, height: 260 };
const size = { width: 168, height: 92 };

/**
 * The whole story, small, each shot in the colour of its state. Pressing or dragging in it moves the view there, the
 * wheel zooms. React Flow's own map has an element and a subscription for every shot, which a thousand feel.
 */
export function StoryMap({ layout }: { readonly layout: GraphLayout }) {
  const hasRoom = useStore(({ width, height }) => width > leastPane.width && height > leastPane.height);
  const scale = useMemo(
    () => mapScale({ width: layout.width, height: Math.max(1, layout.height - (laneHeight - shotHeight)) }, size),
    [layout],
  );
  if (!hasRoom) return null;
  return (
    <Panel position="bottom-right" className={css.map}>
      <MapView layout={layout} scale={scale} />
    </Panel>
  );
}

function MapView({ layout, scale }: { readonly layout: GraphLayout; readonly scale: MapScale }) {
  const { getViewport, setViewport, zoomIn, zoomOut } = useReactFlow();
  const pane = { width: useStore(({ width }) => width), height: useStore(({ height }) => height) };
  const element = useRef<SVGSVGElement>(null);
  useEffect(() => {
    // React listens to wheels without the right to stop them, and the page would scroll or zoom.
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      event.stopPropagation();
      void (event.deltaY < 0 ? zoomIn : zoomOut)();
    };
    const svg = element.current;
    svg?.addEventListener('wheel', onWheel, { passive: false });
    return () => svg?.removeEventListener('wheel', onWheel);
  }, [zoomIn, zoomOut]);
  const goTo = (event: PointerEvent<SVGSVGElement>): void => {
    if (!(event.buttons & 1)) return;
    const box = event.currentTarget.getBoundingClientRect();
    void setViewport(
      viewAround({ x: event.clientX - box.left, y: event.clientY - box.top }, getViewport(), pane, scale),
    );
  };
  return (
    <svg
      ref={element}
      role="img"
      aria-label="Map of the whole story"
      {...size}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        goTo(event);
      }}
      onPointerMove={goTo}
    >
      <MapDrawing layout={layout} scale={scale} />
      <Unseen scale={scale} />
    </svg>
  );
}

const MapDrawing = memo(function MapDrawing({
  layout,
  scale,
}: {
  readonly layout: GraphLayout;
  readonly scale: MapScale;
}) {
  // One string stands for all states, so that the map is drawn again only when one of them changes.
  const states = useStory((state) => layout.nodes.map(({ id }) => state.statuses.get(id)?.state ?? 'empty').join());
  const paths = useMemo(() => pathsByState(layout, states.split(',') as ShotStateName[]), [layout, states]);
  return (
    <g transform={`translate(${scale.left} ${scale.top}) scale(${scale.perX} ${scale.perY})`}>
      {[...paths].map(([state, path]) => (
        <path key={state} d={path} fill={stateColors[state]} />
      ))}
    </g>
  );
});

/** Veils what of the story lies outside the pane. */
function Unseen({ scale }: { readonly scale: MapScale }) {
  const path = useStore(({ transform: [x, y, zoom], width, height }) => {
    const seen = seenInMap({ x, y, zoom }, { width, height }, scale, size);
    const whole = `M0,0h${size.width}v${size.height}h${-size.width}z`;
    return `${whole}M${seen.left},${seen.top}v${seen.height}h${seen.width}v${-seen.height}z`;
  });
  return <path d={path} fillRule="evenodd" className={css.unseen} />;
}
