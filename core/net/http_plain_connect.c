/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/instant.h"
#include "core/net/http_plain.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { ADDRESSES_MAX = 2, PORT_DIGITS = 5 };

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at;
    socklen_t size;
};

struct place {
    struct address addresses[ADDRESSES_MAX]; /* tried in this order */
    size_t count;
    bool is_loopback;
};

/* ---- addresses ---- */

static bool add_v4(struct place *place, const char *text, uint16_t port)
{
    struct address *address = &place->addresses[place->count];
    *address = (struct address){.at.v4 = {.sin_family = AF_INET, .sin_port = htons(port)},
                                .size = sizeof address->at.v4};
    if (inet_pton(AF_INET, text, &address->at.v4.sin_addr) != 1)
        return false;
    place->is_loopback = ntohl(address->at.v4.sin_addr.s_addr) >> 24 == 127;
    place->count++;
    return true;
}

static bool add_v6(struct place *place, const char *text, uint16_t port)
{
    struct address *address = &place->addresses[place->count];
    *address = (struct address){.at.v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)},
                                .size = sizeof address->at.v6};
    if (inet_pton(AF_INET6, text, &address->at.v6.sin6_addr) != 1)
        return false;
    place->is_loopback = IN6_IS_ADDR_LOOPBACK(&address->at.v6.sin6_addr);
    place->count++;
    return true;
}

/* Without one it is 80; else one to five digits, as the rest of the authority. */
static bool read_port(struct str text, uint16_t *port)
{
    unsigned long number = 0;
    *port = 80;
    if (!text.len)
        return true;
    if (*text.ptr != ':' || text.len < 2 || text.len > PORT_DIGITS + 1)
        return false;
    for (size_t i = 1; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        number = number * 10 + (unsigned long)(text.ptr[i] - '0');
    }
    *port = (uint16_t)number;
    return number > 0 && number <= UINT16_MAX;
}

static bool find_place(struct str authority, struct place *place)
{
    char host[PLAIN_AUTHORITY_MAX];
    bool is_v6 = authority.len && *authority.ptr == '[';
    size_t len = 0;
    uint16_t port;
    *place = (struct place){0};
    if (!authority.len || authority.len >= sizeof host)
        return false;
    while (len < authority.len && authority.ptr[len] != (is_v6 ? ']' : ':'))
        len++;
    memcpy(host, authority.ptr + is_v6, len - is_v6);
    host[len - is_v6] = '\0';
    if (is_v6 && len++ == authority.len)
        return false;
    if (!read_port((struct str){authority.ptr + len, authority.len - len}, &port))
        return false;
    if (is_v6)
        return add_v6(place, host, port);
    if (strcasecmp(host, "localhost") == 0)
        return add_v6(place, "::1", port) && add_v4(place, "127.0.0.1", port);
    return add_v4(place, host, port);
}

static bool has_proxy(void)
{
    static const char *const names[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return true;
    }
    return false;
}

bool plain_can_reach(struct str authority)
{
    struct place place;
    return find_place(authority, &place) && (place.is_loopback || !has_proxy());
}

/* ---- sockets ---- */

/* 0 or the error. */
static int wait_connected(int socket, nanos ends)
{
    struct pollfd waiting = {socket, POLLOUT, 0};
    socklen_t size = sizeof(int);
    int error = 0;
    for (;;) {
        nanos left = ends - instant_monotonic_now();
        if (left <= 0)
            return ETIMEDOUT;
        int ready = poll(&waiting, 1, (int)(left / NANOS_PER_MS) + 1);
        if (ready > 0)
            break;
        if (ready < 0 && errno != EINTR)
            return errno;
    }
    return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) ? errno : error;
}

/* Blocking from here on, for a second at most. */
static int settle(int socket)
{
    struct timeval second = {.tv_sec = 1};
    int one = 1, flags = fcntl(socket, F_GETFL);
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second) ||
        fcntl(socket, F_SETFL, flags & ~O_NONBLOCK))
        return errno;
    return 0;
}

static int connect_one(const struct address *address, nanos ends, int *made)
{
    int fd = socket(address->at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = 0;
    if (fd < 0)
        return errno;
    if (connect(fd, &address->at.any, address->size))
        error = errno == EINPROGRESS ? wait_connected(fd, ends) : errno;
    error = error ? error : settle(fd);
    if (error)
        close(fd);
    else
        *made = fd;
    return error;
}

int plain_connect(struct plain_connection *connection, struct str authority, int timeout_ms,
                  struct plain_trouble *trouble)
{
    nanos ends = instant_monotonic_now() + timeout_ms * NANOS_PER_MS;
    struct place place;
    int error = EADDRNOTAVAIL;
    find_place(authority, &place);
    for (size_t i = 0; i < place.count; i++) {
        error = connect_one(&place.addresses[i], ends, &connection->socket);
        if (!error)
            break;
    }
    if (error) {
        trouble->is_late = error == ETIMEDOUT;
        snprintf(trouble->why, sizeof trouble->why, "%s", strerror(error));
        return -1;
    }
    memcpy(connection->authority, authority.ptr, authority.len);
    connection->authority[authority.len] = '\0';
    return 0;
}
