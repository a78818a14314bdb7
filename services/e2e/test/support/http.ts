import { createHttp as createPlainHttp, type Http } from '../../../platform/test/support/http.ts'
import { createResponseJudge } from './schemas.ts'

/** Plain HTTP that throws when a JSON response is not as proto/openapi.yaml says. */
export const createHttp = (baseUrl: string): Http => {
  const http = createPlainHttp(baseUrl)
  const judge = createResponseJudge()
  return async (method, path, options) => {
    const exchange = await http(method, path, options)
    const isJson = exchange.headers.get('content-type')?.includes('json')
    const fault = isJson ? judge(method, path, exchange.status, exchange.body) : undefined
    if (fault !== undefined) throw new Error(`not as described: ${JSON.stringify(fault)}`)
    return exchange
  }
}
