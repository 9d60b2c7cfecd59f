/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and answers held against one small contract, and what that contract says of itself. */
#include "core/contract/request_check.h"
#include "core/contract/response_check.h"

#include "core/base/file.h"
#include "core/data/json.h"
#include "tests/unit/core/contract/contract_yaml.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/cmocka_all.h"

static const char document[] =
    "openapi: 3.2.0\n"
    "info: { title: t, version: '1' }\n"
    "security: [ { key: [] } ]\n"
    "paths:\n"
    "  /runs:\n"
    "    parameters: [ { name: team, in: query, schema: { type: string } } ]\n"
    "    post:\n"
    "      operationId: createRun\n"
    "      security: [ { key: [] }, {} ]\n"
    "      requestBody:\n"
    "        required: true\n"
    "        content:\n"
    "          application/json: { schema: { $ref: '#/components/schemas/Request' } }\n"
    "          multipart/form-data: { schema: { type: object, properties: { size: { type: integer "
    "}, file: { type: string } } } }\n"
    "          application/x-www-form-urlencoded: { schema: { type: object, properties: { size: { "
    "type: integer } } } }\n"
    "      responses:\n"
    "        '200':\n"
    "          description: ok\n"
    "          headers: { X-Left: { required: true, schema: { type: integer } } }\n"
    "          content:\n"
    "            application/json: { schema: { $ref: '#/components/schemas/Run' } }\n"
    "            text/event-stream: { itemSchema: { type: object, properties: { data: { type: "
    "string, contentSchema: { $ref: '#/components/schemas/Run' } } } } }\n"
    "        '204': { description: nothing }\n"
    "        4XX: { description: bad, content: { application/problem+json: { schema: { type: "
    "object, required: [title] } } } }\n"
    "    get: { operationId: list, responses: { default: { description: any } } }\n"
    "  /agents: { get: { operationId: list, responses: { default: { description: any } } } }\n"
    "components:\n"
    "  securitySchemes: { key: { type: apiKey, in: header, name: x-api-key } }\n"
    "  schemas:\n"
    "    Request: { type: object, required: [prompt], properties: { prompt: { type: string }, "
    "mode: { type: string, default: normal } } }\n"
    "    Run: { type: object, required: [id, state], properties: { id: { type: string }, state: { "
    "enum: [A, B] } } }\n";

static struct arena *arena;
static struct contract *contract;
static const struct operation *create;

#define JSON "application/json"

static const struct {
    const char *name, *type, *body, *sent, *filled, *keyword; /* of the first problem */
    enum body_kind kind;
} requests[] = {
    {"a good body", JSON, "{\"prompt\":\"x\"}", "{\"prompt\":\"x\"}",
     "{\"prompt\":\"x\",\"mode\":\"normal\"}", NULL, BODY_JSON},
    {"a charset", JSON "; charset=utf-8", "{\"prompt\":\"x\"}", "{\"prompt\":\"x\"}",
     "{\"prompt\":\"x\",\"mode\":\"normal\"}", NULL, BODY_JSON},
    {"no body", JSON, "", NULL, NULL, "required", BODY_NONE},
    {"a member is missing", JSON, "{}", "{}", "{\"mode\":\"normal\"}", "required", BODY_JSON},
    {"no JSON", JSON, "{", NULL, NULL, "syntax", BODY_JSON},
    {"another type", "text/plain", "x", "\"x\"", "\"x\"", "media_type", BODY_TEXT},
    {"no type", NULL, "x", NULL, NULL, "media_type", BODY_BYTES},
    {"a form", "application/x-www-form-urlencoded", "size=5&a=b+c", "{\"size\":5,\"a\":\"b c\"}",
     "{\"size\":5,\"a\":\"b c\"}", NULL, BODY_FORM},
    {"parts", "multipart/form-data; boundary=B",
     "--B\r\nContent-Disposition: form-data; name=size\r\n\r\n5\r\n"
     "--B\r\nContent-Disposition: form-data; name=file; filename=f\r\n\r\nhello\r\n--B--\r\n",
     "{\"size\":5,\"file\":\"hello\"}", "{\"size\":5,\"file\":\"hello\"}", NULL, BODY_MULTIPART},
    {"broken parts", "multipart/form-data; boundary=B", "--C", NULL, NULL, "syntax",
     BODY_MULTIPART},
};

static void assert_json(const cJSON *value, const char *expected)
{
    if (expected && value)
        assert_string_equal(json_text(arena, value), expected);
    else
        assert_true(!expected == !value);
}

static void requests_are_read_and_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct header_field field = {"content-type", requests[i].type};
        struct raw_request raw = {.query = STR_LITERAL("zzz=1"),
                                  .headers = {&field, requests[i].type != NULL},
                                  .body = str_from(requests[i].body)};
        struct checked_request out;
        request_check(arena, create, NULL, &raw, NULL, &out);
        const char *keyword = out.problems.count ? out.problems.items[0].keyword : NULL;
        if (!text_is(keyword, requests[i].keyword))
            print_message("case: %s: %s\n", requests[i].name, keyword);
        assert_true(text_is(keyword, requests[i].keyword));
        assert_int_equal(out.kind, requests[i].kind);
        assert_int_equal(out.unsupported_media, text_is(keyword, "media_type"));
        assert_int_equal(out.unreadable, text_is(keyword, "syntax"));
        assert_json(out.sent, requests[i].sent);
        assert_json(out.body, requests[i].filled);
    }
}

static void unknown_queries_are_problems_only_when_asked(void **state)
{
    (void)state;
    struct raw_request raw = {.query = STR_LITERAL("zzz=1&team=a")};
    struct request_options options = {.refuse_unknown_query = true};
    struct checked_request out;
    request_check(arena, &contract->operations.items[1], NULL, &raw, &options, &out);
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    problems_list(&out.problems, &text);
    assert_string_equal(text.buf, "query 'zzz': there is no such parameter");
    strbuf_release(&text);
}

static void what_is_wrong_is_listed_in_one_line_and_once(void **state)
{
    (void)state;
    struct problem limit = {"query", "limit", "", "type", "expected integer", NULL, NULL, {0}};
    struct problem body = {"body", NULL, "", "type", "expected object", NULL, NULL, {0}};
    struct problem member = {"body", NULL, "/a", "type", "expected object", NULL, NULL, {0}};
    struct problems problems = {.more = true};
    const struct problem all[] = {body, limit, body, member};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        problem_add(arena, &problems, all[i]);
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    problems_list(&problems, &text);
    assert_string_equal(text.buf, "body: expected object; query 'limit': expected integer; "
                                  "body at '/a': expected object; and more");
    strbuf_release(&text);
}

static void a_body_that_is_packed_is_told_as_such(void **state)
{
    (void)state;
    static const char *const codings[] = {"gzip", "br", "Identity", ""};
    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++) {
        struct header_field fields[] = {{"content-type", JSON}, {"content-encoding", codings[i]}};
        struct raw_request raw = {.headers = {fields, 2},
                                  .body = i < 2 ? STR_LITERAL("\x1f\x8b\x08")
                                                : STR_LITERAL("{\"prompt\":\"x\"}")};
        struct checked_request out;
        request_check(arena, create, NULL, &raw, NULL, &out);
        assert_int_equal(out.problems.count, i < 2);
        assert_int_equal(out.unsupported_media, i < 2);
        if (i == 0)
            assert_string_equal(out.problems.items[0].message,
                                "expected no Content-Encoding but found 'gzip': send it unpacked");
    }
}

static void count_found(void *data, const char *name, const struct schema *schema,
                        const cJSON *value, const char *pointer)
{
    (void)schema, (void)value;
    if (text_is(name, "Run") && !*pointer)
        ++*(size_t *)data;
}

static const struct {
    const char *name, *left, *type, *body, *keyword;
    int status;
    size_t found;
} answers[] = {
    {"a good answer", "1", JSON, "{\"id\":\"r\",\"state\":\"A\"}", NULL, 200, 1},
    {"a header is missing", NULL, JSON, "{\"id\":\"r\",\"state\":\"A\"}", "required", 200, 1},
    {"a header of another type", "x", JSON, "{\"id\":\"r\",\"state\":\"A\"}", "type", 200, 1},
    {"a wrong member", "1", JSON, "{\"id\":\"r\",\"state\":\"C\"}", "enum", 200, 0},
    {"no body", "1", JSON, "", "required", 200, 0},
    {"another type", "1", "text/plain", "x", "media_type", 200, 0},
    {"no JSON", "1", JSON, "{", "syntax", 200, 0},
    {"no content", NULL, NULL, "", NULL, 204, 0},
    {"content where there is none", NULL, JSON, "{}", "unknown", 204, 0},
    {"a range of statuses", NULL, "application/problem+json", "{\"title\":\"t\"}", NULL, 418, 0},
    {"an undocumented status", NULL, JSON, "{}", "status", 500, 0},
};

static void answers_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct header_field fields[2];
        struct raw_response raw = {.status = answers[i].status, .headers = {fields, 0}};
        size_t found = 0;
        raw.body = str_from(answers[i].body);
        if (answers[i].left)
            fields[raw.headers.count++] = (struct header_field){"x-left", answers[i].left};
        if (answers[i].type)
            fields[raw.headers.count++] = (struct header_field){"Content-Type", answers[i].type};
        struct checked_response out;
        response_check(arena, create, &raw, count_found, &found, &out);
        const char *keyword = out.problems.count ? out.problems.items[0].keyword : NULL;
        if (!text_is(keyword, answers[i].keyword))
            print_message("case: %s: %s\n", answers[i].name, keyword);
        assert_true(text_is(keyword, answers[i].keyword));
        if (answers[i].found)
            assert_true(found > 0);
    }
}

static void events_are_judged_by_what_their_data_holds(void **state)
{
    (void)state;
    const struct response *response = operation_response(create, 200);
    const struct media_type *media = media_types_find(&response->content, "text/event-stream");
    struct raw_event good = {"run", NULL, STR_LITERAL("{\"id\":\"r\",\"state\":\"A\"}")};
    struct raw_event bad = {"run", NULL, STR_LITERAL("{\"id\":\"r\",\"state\":\"C\"}")};
    struct checked_event out;
    size_t found = 0;
    assert_int_equal(media->events.count, 1);
    event_check(arena, media, &good, count_found, &found, &out);
    assert_int_equal(out.problems.count, 0);
    assert_int_equal(found, 1);
    event_check(arena, media, &bad, NULL, NULL, &out);
    assert_int_equal(out.problems.count, 1);
}

static void operations_are_found_by_id_and_by_path(void **state)
{
    (void)state;
    struct error err;
    assert_ptr_equal(contract_find_operation(contract, "createRun", &err), create);
    assert_ptr_equal(contract_find_operation(contract, "POST /runs", &err), create);
    assert_null(contract_find_operation(contract, "createRum", &err));
    assert_string_equal(err.text, "there is no operation 'createRum' (did you mean 'createRun'?)");
    assert_null(contract_find_operation(contract, "list", &err));
    assert_int_equal(err.kind, ERROR_CONFLICT);
    assert_string_equal(err.text, "operation 'list' is not one: say 'GET /runs' or 'GET /agents'");
    assert_non_null(contract_find_operation(contract, "GET /agents", &err));
    assert_true(create->anonymous);
    assert_false(contract->operations.items[1].anonymous);
    assert_non_null(operation_parameter(create, IN_QUERY, "team"));
    assert_int_equal(operation_success_status(create), 200);
}

/* What one broken document is told; the place is line:column. */
static const struct {
    const char *name, *text, *expected;
} broken[] = {
    {"no OpenAPI", "a: 1\n",
     "test.yaml:1:1: this is no OpenAPI document: it has no member 'openapi'\n"},
    {"another version", "openapi: 2.0.0\n",
     "test.yaml:1:10: OpenAPI '2.0.0' is not read here: expected 3.0, 3.1 or 3.2\n"},
    {"a misspelt member",
     "openapi: 3.1.0\ninfo: { title: t, version: '1' }\npaths:\n  /a:\n    get: { operationID: x "
     "}\n",
     "test.yaml:5:12: an operation has no member 'operationID' (did you mean 'operationId'?)\n"},
    {"a reference that leads nowhere",
     "openapi: 3.1.0\ninfo: { title: t, version: '1' }\npaths:\n  /a:\n    get: { parameters: [ { "
     "$ref: '#/x' } ] }\n",
     "test.yaml:5:34: '#/x' leads nowhere\n"},
    {"a scheme that is not there",
     "openapi: 3.1.0\ninfo: { title: t, version: '1' }\npaths:\n  /a:\n    get: { security: [ { k: "
     "[] } ] }\n",
     "test.yaml:5:26: there is no security scheme 'k'\n"},
};

static void broken_documents_say_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct findings findings = {0};
        struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
        assert_null(contract_from_text(arena, broken[i].text, &findings));
        findings_print(&findings, &text);
        assert_string_equal(text.buf, broken[i].expected);
        strbuf_release(&text);
        findings_release(&findings);
    }
}

static void overlays_bend_the_document(void **state)
{
    (void)state;
    static const char overlay[] =
        "overlay: 1.0.0\ninfo: { title: o, version: '1' }\nactions:\n"
        "  - { target: '$.paths[\"/runs\"].post', update: { summary: bent, tags: [x] } }\n"
        "  - { target: '$.paths[\"/agents\"]', remove: true }\n";
    char name[] = "/tmp/dryrun-overlay-XXXXXX";
    struct error err;
    struct findings findings = {0};
    int descriptor = mkstemp(name);
    assert_true(descriptor >= 0);
    close(descriptor);
    assert_int_equal(file_write(name, overlay, sizeof overlay - 1, &err), 0);
    cJSON *tree = yaml_parse(arena, document, sizeof document - 1, "bent.yaml", &findings);
    const char *overlays[] = {name};
    struct contract *bent = contract_from_tree(arena, "bent.yaml", tree, overlays, 1, &findings);
    unlink(name);
    assert_non_null(bent);
    assert_int_equal(bent->operations.count, 2);
    assert_string_equal(bent->operations.items[0].summary, "bent");
    assert_int_equal(bent->operations.items[0].tags.count, 1);
    findings_release(&findings);
}

static int set_up(void **state)
{
    (void)state;
    struct findings findings = {0};
    arena = arena_new();
    contract = contract_from_text(arena, document, &findings);
    for (size_t i = 0; i < findings.count; i++)
        print_message("%u:%u: %s\n", findings.items[i].place.line, findings.items[i].place.column,
                      findings.items[i].text);
    create = contract ? contract->operations.items : NULL;
    return contract ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_read_and_judged),
        cmocka_unit_test(unknown_queries_are_problems_only_when_asked),
        cmocka_unit_test(what_is_wrong_is_listed_in_one_line_and_once),
        cmocka_unit_test(a_body_that_is_packed_is_told_as_such),
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(events_are_judged_by_what_their_data_holds),
        cmocka_unit_test(operations_are_found_by_id_and_by_path),
        cmocka_unit_test(broken_documents_say_where),
        cmocka_unit_test(overlays_bend_the_document),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
