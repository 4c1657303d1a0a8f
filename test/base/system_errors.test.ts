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

test.each([
  [122, "EDQUOT", "the disk quota is used up"],
  [116, "ESTALE", "the network file system has lost the folder"],
  [117, "EUCLEAN", "the file system is damaged"],
  [123, "ENOMEDIUM", "the device has no medium"],
])("error %i, which libuv does not name, is %s", (number, code, reason) => {
  const error = Object.assign(failed(`Unknown system error -${number}`), { errno: -number, syscall: "write" });
  expect(explained("write", "a", error)).toBeInstanceOf(StorageError);
  expect((explained("write", "a", error) as Error).message).toMatch(
    new RegExp(`^cannot write a: ${reason}.*\\(${code}\\)$`),
  );
});

test("any other failed system call is a failure of the storage too", () => {
  for (const [code, named] of [
    ["ESOMETHING", "ESOMETHING"],
    ["Unknown system error -500", "error 500"],
  ] as const) {
    expect(explained("write", "a", Object.assign(failed(code), { syscall: "fsync" }))).toEqual(
      new StorageError(`cannot write a: the system refuses it (${named}, fsync); try again or choose another place`),
    );
  }
});

test("the remedy for a full disk, and errors of other kinds", () => {
  expect(explained("write", "a", failed("ENOSPC"))).toEqual(
    new StorageError("cannot write a: no space left on the device; free some or choose another place (ENOSPC)"),
  );
  const other = new TypeError("the content is no text");
  expect(explained("write", "a", other)).toBe(other);
});
