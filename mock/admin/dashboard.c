/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/admin/dashboard.h"

#include "core/base/str.h"
#include "mock/admin/handlers.h"
#include "mock/route.h"

#include <string.h>

static const struct {
    const char *suffix, *media_type;
} media_types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
};

static const char *media_type_of(const char *name)
{
    for (size_t i = 0; i < sizeof media_types / sizeof *media_types; i++)
        if (text_ends_with(name, media_types[i].suffix))
            return media_types[i].media_type;
    return "application/octet-stream";
}

static void send_file(struct admin_call *call, const struct page_file *file)
{
    const char *text = (const char *)file->text;
    struct http_response response;
    admin_response_init(call, &response, 200);
    http_response_header(&response, "Content-Type", media_type_of(file->name));
    /* what a service answered is shown, and may be anything: nothing of it can run or reach out */
    http_response_header(&response, "Content-Security-Policy",
                         "default-src 'none'; script-src 'self'; style-src 'self'; "
                         "connect-src 'self'; img-src blob:; base-uri 'none'; "
                         "form-action 'none'; frame-ancestors 'none'");
    http_response_header(&response, "Cache-Control", "no-cache");
    http_response_borrow(&response, text, strlen(text), NULL, NULL);
    exchange_send(call->exchange, &response);
    http_response_release(&response);
}

static void send_named(struct admin_call *call, const char *name)
{
    for (const struct page_file *file = page_files; file->name; file++)
        if (text_is(file->name, name)) {
            send_file(call, file);
            return;
        }
    admin_refuse(call, 404, "the dashboard has no such file", NULL);
}

void admin_dashboard(struct admin_call *call)
{
    send_named(call, "dashboard.html");
}

void admin_dashboard_file(struct admin_call *call)
{
    send_named(call, call->values[0]);
}

bool dashboard_redirect(struct exchange *exchange)
{
    const struct http_request *request = exchange->request;
    const char *accept = http_request_header(request, "Accept");
    bool is_root = exchange->path.len == 0 || str_is(exchange->path, "/");
    if (!is_root || !text_is(request->method, "GET") || !accept || !strstr(accept, "text/html"))
        return false;
    route_find(exchange);
    /* the root of a service, by its name, or because its document has it; one that is played alone
     * and knows no such path leaves it to us */
    if (exchange->provider_prefix || exchange->match.operation || exchange->match.path_known)
        return false;
    struct admin_call call = {
        .exchange = exchange,
        .mock = exchange->mock,
        .world = exchange->world,
        .arena = exchange->arena,
    };
    struct http_response response;
    admin_response_init(&call, &response, 302);
    http_response_header(
        &response, "Location",
        arena_printf(exchange->arena, "%s/__admin/dashboard", exchange_base(exchange)));
    exchange_send(exchange, &response);
    http_response_release(&response);
    return true;
}
