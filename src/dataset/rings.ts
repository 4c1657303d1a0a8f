import { classPlace, curve } from "./curve.ts";

/** Distance between neighbouring rings, and radius of the innermost. */
const spacing = 0.5;
const ringsOfClass = 2;

/**
 * Concentric rings of radius 0.5, 1, 1.5, .., two for each class: ring j, from 0, has the label j modulo the classes, so that
 * labels alternate. The points of a class are shared out by the lengths of its rings.
 */
export const rings = curve({
  name: "rings",
  options: {},
  defaults: {},
  mostClasses: 4,
  point(index, samples, _, { classes }) {
    const { label, at, of } = classPlace(index, samples, classes);
    const radii = Array.from({ length: ringsOfClass }, (_, ring) => spacing * (label + ring * classes + 1));
    const onInner = Math.round((of * radii[0]) / (radii[0] + radii[1]));
    const [radius, angle] = at < onInner ? [radii[0], at / onInner] : [radii[1], (at - onInner) / (of - onInner)];
    return { x: radius * Math.cos(2 * Math.PI * angle), y: radius * Math.sin(2 * Math.PI * angle), label };
  },
});
