import { invariant } from "./errors.ts";

/** One scalar member of a struct. */
export interface StructField {
  readonly type: "u32" | "f32";
  readonly offsetBytes: number;
}

/** Offsets of the members of a struct, as the shader declares it. Names in camelCase. */
export interface StructLayout {
  readonly sizeBytes: number;
  readonly fields: Readonly<Record<string, StructField>>;
}

/** An array of structs in the device's byte layout, read and written by member name. */
export class StructArray<Field extends string = string> {
  readonly #view: DataView;

  constructor(
    readonly layout: StructLayout,
    readonly bytes: ArrayBuffer,
  ) {
    this.#view = new DataView(bytes);
  }

  get length(): number {
    return Math.floor(this.bytes.byteLength / this.layout.sizeBytes);
  }

  get(index: number, field: Field): number {
    const { type, offsetBytes } = this.#field(field);
    const at = index * this.layout.sizeBytes + offsetBytes;
    return type === "u32" ? this.#view.getUint32(at, true) : this.#view.getFloat32(at, true);
  }

  /** @param value of a u32 field: a word, signed or unsigned; others would be other numbers on the device */
  set(index: number, field: Field, value: number): void {
    const { type, offsetBytes } = this.#field(field);
    invariant(type === "f32" || value === value >>> 0 || value === (value | 0), `${field} ${value} is no word`);
    const at = index * this.layout.sizeBytes + offsetBytes;
    if (type === "u32") this.#view.setUint32(at, value, true);
    else this.#view.setFloat32(at, value, true);
  }

  #field(field: string): StructField {
    const found = this.layout.fields[field];
    invariant(found, `no struct member ${field}`);
    return found;
  }
}
