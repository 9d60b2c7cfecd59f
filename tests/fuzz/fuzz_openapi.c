/* SPDX-License-Identifier: Apache-2.0 */
/* Any YAML as a contract: it loads, or there are findings; what loads can be routed and asked. */
#include "core/contract/request_check.h"
#include "core/contract/response_check.h"
#include "core/data/yaml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void ask(struct arena *arena, const struct contract *contract, struct findings *findings)
{
    struct router *router = router_new(arena);
    struct raw_request request = {.query = STR_LITERAL("a=1&b[c]=2&d[]=%2525"),
                                  .body = STR_LITERAL("{\"a\":1}")};
    struct raw_response response = {.status = 200, .body = STR_LITERAL("[1]")};
    struct header_field json = {"Content-Type", "application/json"};
    request.headers = response.headers = (struct header_fields){&json, 1};
    router_add_contract(router, contract, NULL, 0, findings);
    const struct operation *operation;
    vec_foreach (operation, &contract->operations) {
        struct route_match match;
        struct checked_request in;
        struct checked_response out;
        bool found = router_match(router, operation->method, str_from(operation->path), &match);
        request_check(arena, operation, found ? &match : NULL, &request, NULL, &in);
        response_check(arena, operation, &response, NULL, NULL, &out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    cJSON *tree = yaml_parse(arena, (const char *)bytes, len, "fuzz.yaml", &findings);
    struct contract *contract =
        tree ? contract_from_tree(arena, "fuzz.yaml", tree, NULL, 0, &findings) : NULL;
    require(!contract == (findings.errors > 0));
    if (contract)
        ask(arena, contract, &findings);
    findings_release(&findings);
    arena_free(arena);
    return 0;
}
