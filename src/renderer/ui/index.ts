export { Button, type ButtonProps, IconButton } from './button.tsx';
export { cx } from './cx.ts';
export { Dialog } from './dialog.tsx';
export { EmptyState } from './empty-state.tsx';
export { Field, NumberField, Segments, Select, Slider, TextField } from './field.tsx';
export { Keys } from './keys.tsx';
export { Menu, type MenuEntry } from './menu.tsx';
export { Tabs } from './tabs.tsx';
export { Tooltip, TooltipProvider } from './tooltip.tsx';
