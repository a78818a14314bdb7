/** A clock that all processes of a machine share, milliseconds. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6
