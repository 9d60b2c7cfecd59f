/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/faults/tls.h"

#include "core/base/str.h"

#include <unistd.h>

enum { THREADS = 32 }; /* of a listener: few come there at once */

#define RIGHT_NAMES "localhost", "DNS:localhost,IP:127.0.0.1,IP:::1"

const struct tls_fault tls_faults[] = {
    {"expired",
     "the certificate was valid until yesterday",
     {RIGHT_NAMES, -30, -1},
     true,
     HTTP_SOUND},
    {"not_yet_valid",
     "the certificate will be valid, from tomorrow on",
     {RIGHT_NAMES, 1, 30},
     true,
     HTTP_SOUND},
    {"wrong_host",
     "the certificate is for wrong.host.invalid",
     {"wrong.host.invalid", "DNS:wrong.host.invalid", -1, 30},
     true,
     HTTP_SOUND},
    {"untrusted",
     "the certificate is right, but nobody knows who signed it",
     {RIGHT_NAMES, -1, 30},
     false,
     HTTP_SOUND},
    {"old_protocol", "TLS 1.1 is all that is spoken", {RIGHT_NAMES, -1, 30}, true, HTTP_OLD_TLS},
    {"plain_text", "the port speaks HTTP without TLS", {0}, false, HTTP_SOUND},
    {"abrupt_close",
     "the connection is closed as soon as the client has said hello",
     {0},
     false,
     HTTP_CLOSES},
    {"silent", "the handshake is never answered", {0}, false, HTTP_SILENT},
    {0},
};

static const char *next_name(void *state)
{
    const struct tls_fault **at = state;
    return (*at)->name ? (*at)++->name : NULL;
}

const struct tls_fault *tls_fault_find(const char *name, struct error *err)
{
    const struct tls_fault *fault = tls_faults;
    while (fault->name && !text_is(fault->name, name))
        fault++;
    if (fault->name)
        return fault;
    fault = tls_faults;
    const char *near = text_nearest(name, next_name, &fault);
    fail(err, ERROR_INVALID, "no TLS fault '%s' (%s%s%s)", name,
         near ? "did you mean '" : "'dryrun list faults' has all", near ? near : "",
         near ? "'?" : "");
    return NULL;
}

static int make_files(struct tls_listener *listener, const char *prefix, struct http_options *http,
                      struct arena *arena, struct error *err)
{
    const struct tls_fault *fault = listener->fault;
    http->cert_file = NULL;
    if (!fault->terms.name)
        return 0;
    http->cert_file = arena_printf(arena, "%s%s.pem", prefix, fault->name);
    http->key_file = arena_printf(arena, "%s.key", http->cert_file);
    listener->trust = http->cert_file;
    return tls_make_certificate_for(&fault->terms, http->cert_file, http->key_file, err);
}

/* The key is read once. What is not to be trusted is not left lying around, either. */
static void drop_files(struct tls_listener *listener, const struct http_options *http)
{
    if (!http->cert_file)
        return;
    unlink(http->key_file);
    if (!listener->fault->is_trusted) {
        unlink(http->cert_file);
        listener->trust = NULL;
    }
}

int tls_faults_listen(struct tls_listeners *listeners, const struct http_options *http,
                      struct error *err)
{
    struct arena *arena = listeners->arena;
    listeners->items = arena_alloc(arena, (listeners->wanted + 1) * sizeof *listeners->items);
    for (size_t i = 0; i < listeners->wanted; i++) {
        struct tls_listener *listener = &listeners->items[listeners->count];
        struct http_options options = *http;
        listener->fault = tls_fault_find(listeners->names[i], err);
        if (!listener->fault || make_files(listener, listeners->prefix, &options, arena, err))
            return -1;
        options.port = 0;
        options.trouble = listener->fault->trouble;
        if (!options.threads || options.threads > THREADS)
            options.threads = THREADS;
        listener->server = http_server_start(&options, err);
        drop_files(listener, &options);
        listeners->count++;
        if (!listener->server)
            return -1;
    }
    return 0;
}

void tls_faults_stop(struct tls_listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++) {
        http_server_stop(listeners->items[i].server);
        if (listeners->items[i].trust && !listeners->keeps_files)
            unlink(listeners->items[i].trust);
    }
    listeners->count = 0;
}
