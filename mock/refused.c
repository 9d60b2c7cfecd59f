/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/refused.h"

#include "core/data/json.h"
#include "mock/mock.h"

void refused_by_server(const struct http_refusal *refusal, struct http_response *response,
                       void *mock)
{
    char date[INSTANT_TEXT];
    instant_http_date(mock_now(mock), date);
    http_response_header(response, "Date", date);
    http_response_header(response, "Content-Type", "application/problem+json");
    strbuf_adds(&response->text, "{\"type\":\"about:blank\",\"title\":");
    json_print_string(http_reason(refusal->status), &response->text);
    strbuf_addf(&response->text, ",\"status\":%d,\"detail\":", refusal->status);
    json_print_string(refusal->reason, &response->text);
    strbuf_adds(&response->text, "}\n");
}
