/** A JSON Web Token, or the beginning of one. */
const TOKEN = /eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}/g
/** The password of a URL. */
const PASSWORD = /(:\/\/[^/\s:@]*):[^/\s@]+@/g
/** Credentials of a header that was quoted. */
const BEARER = /(bearer[ .])[^\s,"']+/gi

/** A text that others may read: without tokens and passwords that an error message of a library may hold. */
export const scrub = (text: string): string =>
  text.replace(TOKEN, '[token]').replace(PASSWORD, '$1:[secret]@').replace(BEARER, '$1[token]')
