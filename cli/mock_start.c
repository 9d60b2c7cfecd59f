/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mock_start.h"

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "mock/keep/keeper.h"

#include <stdio.h>
#include <string.h>

static int eager(struct mock *mock, struct error *err)
{
    struct world *world = sessions_enter(mock->sessions, "", 0, err);
    if (!world)
        return -1;
    sessions_leave(world);
    return 0;
}

static void warn_exposed(const struct mock_settings *settings)
{
    const char *const *host = settings->mock.http.hosts;
    for (; settings->is_exposed && host && *host; host++)
        log_line(LEVEL_WARNING,
                 "listening on %s: whoever reaches that address can call the services and change "
                 "what they hold; the admin API asks for its token",
                 *host);
}

static int load_state(struct mock *mock, const struct mock_settings *settings, struct error *err)
{
    struct findings findings = {0};
    if (!settings->state_file)
        return 0;
    struct keeper *keeper =
        keeper_new(mock, settings->state_file, settings->state_every, &findings, err);
    findings_tell(&findings);
    findings_release(&findings);
    return keeper ? 0 : -1;
}

static void free_mock(struct mock *mock)
{
    struct keeper *keeper = mock ? mock->keeper : NULL;
    mock_free(mock);
    keeper_free(keeper);
}

struct mock *mock_start(const struct mock_settings *settings)
{
    struct findings findings = {0};
    struct error err = {0};
    mem_tune();
    struct mock *mock = mock_new(&settings->mock, &findings, &err);
    findings_tell(&findings);
    findings_release(&findings);
    if (mock && !load_state(mock, settings, &err) && !(settings->is_eager && eager(mock, &err)) &&
        !mock_listen(mock, &err)) {
        warn_exposed(settings);
        if (mock->keeper)
            keeper_start(mock->keeper);
        return mock;
    }
    log_line(LEVEL_ERROR, "%s", err.text);
    free_mock(mock);
    return NULL;
}

int mock_end(struct mock *mock)
{
    struct error err = {0};
    int result = mock && mock->keeper ? keeper_stop(mock->keeper, &err) : 0;
    if (result)
        log_line(LEVEL_ERROR, "%s", err.text);
    free_mock(mock);
    return result;
}

int mock_write_port(const struct mock *mock, const struct mock_settings *settings,
                    struct error *err)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    if (!settings->port_file)
        return 0;
    strbuf_addf(&text, "%d\n", http_server_port(mock->server));
    for (size_t i = 0; i < mock->tls.count; i++) {
        const struct tls_listener *listener = &mock->tls.items[i];
        strbuf_addf(&text, "%s %d %s\n", listener->fault->name, http_server_port(listener->server),
                    listener->trust ? listener->trust : "-");
    }
    int written = file_write(settings->port_file, text.buf, text.len, err);
    strbuf_release(&text);
    return written;
}

void mock_origin(const struct mock *mock, const struct mock_settings *settings, char *origin,
                 size_t size)
{
    const char *url = http_server_url(mock->server);
    const char *scheme = settings->mock.http.cert_file ? "https" : "http";
    int port = http_server_port(mock->server);
    if (strstr(url, "://0.0.0.0:"))
        snprintf(origin, size, "%s://127.0.0.1:%d", scheme, port);
    else if (strstr(url, "://[::]:"))
        snprintf(origin, size, "%s://[::1]:%d", scheme, port);
    else
        snprintf(origin, size, "%s", url);
}
