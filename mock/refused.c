/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/refused.h"

#include "core/data/json.h"

void refused_by_server(const struct http_refusal *refusal, struct http_response *response,
                       void *mock)
{
    (void)mock;
    http_response_header(response, "Content-Type", "application/problem+json");
    strbuf_adds(&response->text, "{\"type\":\"about:blank\",\"title\":");
    json_print_string(http_reason(refusal->status), &response->text);
    strbuf_addf(&response->text, ",\"status\":%d,\"detail\":", refusal->status);
    json_print_string(refusal->reason, &response->text);
    strbuf_adds(&response->text, "}\n");
}
