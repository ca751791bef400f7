import { BOOL, INT64, listOf, pointerTo, STRING, STRING_MAP, STRINGS, struct, UINT32 } from "../go-json/go-type.ts";
import { EMPTY_STRUCT } from "./config.ts";

/** moby api/types/mount/mount.go, Mount: all fields of 20.10 to 28. Services and containers share it. */
export const MOUNT = struct({
  Type: STRING,
  Source: STRING,
  Target: STRING,
  ReadOnly: BOOL,
  Consistency: STRING,
  BindOptions: pointerTo(
    struct({
      Propagation: STRING,
      NonRecursive: BOOL,
      CreateMountpoint: BOOL,
      ReadOnlyNonRecursive: BOOL,
      ReadOnlyForceRecursive: BOOL,
    }),
  ),
  VolumeOptions: pointerTo(
    struct({
      NoCopy: BOOL,
      Labels: STRING_MAP,
      Subpath: STRING,
      DriverConfig: pointerTo(struct({ Name: STRING, Options: STRING_MAP })),
    }),
  ),
  ImageOptions: pointerTo(struct({ Subpath: STRING })),
  // Mode is Go's os.FileMode.
  TmpfsOptions: pointerTo(struct({ SizeBytes: INT64, Mode: UINT32, Options: listOf(STRINGS) })),
  ClusterOptions: pointerTo(EMPTY_STRUCT),
});
