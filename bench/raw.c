/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor that the mock is measured against: the same library, answering from its earliest hook
 * with bytes that never change. It routes nothing, checks nothing and stores nothing.
 *
 *     bench_raw DIRECTORY [THREADS]
 *
 * DIRECTORY holds the bodies: run, list, create. Prints its URL, and serves until it is killed:
 * GET /list is answered with `list`, any other GET with `run`, and POST, its body read, with
 * `create`.
 */
#include "core/base/file.h"
#include "core/base/strbuf.h"

#include "civetweb.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RUN, LIST, CREATE, ANSWERS };

static struct strbuf answers[ANSWERS]; /* head and body: one write each */

static void read_body(struct mg_connection *connection)
{
    char bytes[4096];
    while (mg_read(connection, bytes, sizeof bytes) > 0)
        continue;
}

static int answer_fixed(struct mg_connection *connection)
{
    const struct mg_request_info *request = mg_get_request_info(connection);
    int which = strcmp(request->local_uri, "/list") == 0 ? LIST : RUN;
    if (strcmp(request->request_method, "POST") == 0) {
        read_body(connection);
        which = CREATE;
    }
    mg_write(connection, answers[which].buf, answers[which].len);
    return 200; /* answered: nothing else looks at it */
}

static int load_answer(struct arena *arena, const char *directory, const char *name,
                       struct strbuf *answer, struct error *err)
{
    size_t len;
    char *body = file_read(arena, file_join(arena, directory, name), LIMIT_BODY, &len, err);
    if (!body)
        return -1;
    strbuf_init(answer, LIMIT_DOCUMENT);
    strbuf_addf(answer,
                "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
                "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                len);
    strbuf_add(answer, body, len);
    return 0;
}

int main(int count, char **words)
{
    static const char *const names[ANSWERS] = {"run", "list", "create"};
    struct error err = {0};
    struct arena *arena = arena_new();
    if (count < 2) {
        fputs("usage: bench_raw DIRECTORY [THREADS]\n", stderr);
        return 2;
    }
    for (int i = 0; i < ANSWERS; i++)
        if (load_answer(arena, words[1], names[i], &answers[i], &err)) {
            fprintf(stderr, "bench_raw: %s\n", err.text);
            return 2;
        }
    const char *options[] = {"listening_ports",
                             "127.0.0.1:0",
                             "num_threads",
                             count > 2 ? words[2] : "256",
                             "enable_keep_alive",
                             "yes",
                             "tcp_nodelay",
                             "1",
                             NULL};
    struct mg_callbacks callbacks = {.begin_request = answer_fixed};
    struct mg_context *context = mg_start(&callbacks, NULL, options);
    struct mg_server_port port;
    if (!context || mg_get_server_ports(context, 1, &port) != 1) {
        fputs("bench_raw: civetweb does not start\n", stderr);
        return 1;
    }
    arena_free(arena);
    printf("http://127.0.0.1:%d\n", port.port);
    fflush(stdout);
    for (;;)
        pause();
}
