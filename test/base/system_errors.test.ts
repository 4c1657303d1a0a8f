import { expect, test } from "vitest";
import { InputError, StorageError } from "../../src/base/errors.ts";
import { explained } from "../../src/base/system_errors.ts";

const failed = (code: string) => Object.assign(new Error(`${code}: failed`), { code });

test.each(["ENOSPC", "EDQUOT", "EROFS", "EIO", "EFBIG", "EMFILE", "ESTALE"])(
  "%s is a failure of the storage",
  (code) => {
    const error = explained("write", "runs/a/run.json", failed(code));
    expect(error).toBeInstanceOf(StorageError);
    expect((error as Error).message).toMatch(new RegExp(`^cannot write runs/a/run\\.json: .+; .+ \\(${code}\\)$`));
  },
);

test.each(["ENOENT", "EACCES", "ENOTDIR", "EISDIR", "ENAMETOOLONG", "ELOOP", "ERR_FS_FILE_TOO_LARGE"])(
  "%s is a wrong path",
  (code) => {
    const error = explained("read", "my.csv", failed(code));
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(/^cannot read my\.csv: /);
  },
);

test("the remedy for a full disk, and errors of other kinds", () => {
  expect(explained("write", "a", failed("ENOSPC"))).toEqual(
    new StorageError("cannot write a: no space left on the device; free some or choose another place (ENOSPC)"),
  );
  const other = new TypeError("the content is no text");
  expect(explained("write", "a", other)).toBe(other);
});
