/** Most bytes of a request body. */
export const ANSWER_BODY_BYTES = 4 * 1024
export const BODY_BYTES = 256 * 1024
export const IMPORT_BODY_BYTES = 4 * 1024 * 1024
