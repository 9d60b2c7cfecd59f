/* SPDX-License-Identifier: Apache-2.0 */
#include "core/net/http_listen.h"

#include "core/base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int add_host(struct http_addresses *addresses, const char *host, struct error *err)
{
    struct in6_addr address;
    if (!inet_pton(AF_INET, host, &address) && !inet_pton(AF_INET6, host, &address))
        return fail(err, ERROR_INVALID, "'%s' is no numeric address to listen on", host);
    if (addresses->count == HTTP_HOSTS_MAX)
        return fail(err, ERROR_INVALID, "more than %d hosts to listen on", HTTP_HOSTS_MAX);
    addresses->hosts[addresses->count++] = host;
    return 0;
}

static bool has_ipv6_loopback(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool works = probe >= 0 && !bind(probe, (struct sockaddr *)&address, sizeof address);
    if (probe >= 0)
        close(probe);
    return works;
}

/* "localhost": clients that resolve it to ::1 first are not turned away. */
int addresses_add(struct http_addresses *addresses, const char *const *hosts, struct error *err)
{
    static const char *const usual[] = {"127.0.0.1", NULL};
    for (hosts = hosts && *hosts ? hosts : usual; *hosts; hosts++) {
        bool is_localhost = text_is_any_case(*hosts, "localhost");
        if (add_host(addresses, is_localhost ? "127.0.0.1" : *hosts, err))
            return -1;
        if (is_localhost && has_ipv6_loopback() && add_host(addresses, "::1", err))
            return -1;
    }
    return 0;
}

/* Binds and lets go: the library's own message would not do. `*port` 0 becomes a free one. */
static int probe_port(const char *host, int *port, struct error *err)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0};
    bool is_v6 = strchr(host, ':') != NULL;
    socklen_t size = is_v6 ? sizeof address.v6 : sizeof address.v4;
    in_port_t *number = is_v6 ? &address.v6.sin6_port : &address.v4.sin_port;
    address.any.sa_family = is_v6 ? AF_INET6 : AF_INET;
    inet_pton(address.any.sa_family, host,
              is_v6 ? (void *)&address.v6.sin6_addr : (void *)&address.v4.sin_addr);
    *number = htons((in_port_t)*port);
    int probe = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (probe < 0)
        return fail_errno(err, "cannot make a socket for %s", host);
    setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (is_v6)
        setsockopt(probe, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    int bound = bind(probe, &address.any, size);
    if (!bound)
        bound = listen(probe, 1);
    if (!bound)
        bound = getsockname(probe, &address.any, &size);
    int reason = errno;
    close(probe);
    if (!bound) {
        *port = ntohs(*number);
        return 0;
    }
    const char *open = is_v6 ? "[" : "", *end = is_v6 ? "]" : "";
    if (reason == EADDRINUSE)
        return fail(err, ERROR_IO, "cannot listen on %s%s%s:%d: address already in use", open, host,
                    end, *port);
    errno = reason;
    return fail_errno(err, "cannot listen on %s%s%s:%d", open, host, end, *port);
}

int addresses_choose_port(struct http_addresses *addresses, int port, struct error *err)
{
    addresses->port = port;
    for (int i = 0; i < addresses->count; i++)
        if (probe_port(addresses->hosts[i], &addresses->port, err))
            return -1;
    return 0;
}
