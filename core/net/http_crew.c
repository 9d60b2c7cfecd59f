/* SPDX-License-Identifier: Apache-2.0 */
#include "core/net/http_crew.h"

#include "core/base/mem.h"
#include "core/net/http_internal.h"

#include <limits.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 64, AGAIN_MS = 2 };

void crew_init(struct http_crew *crew, struct http_service *service)
{
    *crew = (struct http_crew){.service = service, .epoll = -1, .kick = -1};
    crew->ready_end = &crew->ready;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->work, NULL);
}

/* ---- lists; the lock is held ---- */

static void make_ready(struct http_crew *crew, struct http_handed *handed)
{
    handed->state = HANDED_READY;
    handed->next = NULL;
    *crew->ready_end = handed;
    crew->ready_end = &handed->next;
    if (crew->idle_hands)
        pthread_cond_signal(&crew->work);
}

static void rouse(struct http_crew *crew, struct http_handed *handed, unsigned causes)
{
    handed->causes |= causes;
    if (handed->state == HANDED_RESTS)
        make_ready(crew, handed);
}

static struct http_handed *take_ready(struct http_crew *crew)
{
    struct http_handed *first = crew->ready;
    crew->ready = first->next;
    if (!crew->ready)
        crew->ready_end = &crew->ready;
    return first;
}

static void join_all(struct http_crew *crew, struct http_handed *handed)
{
    handed->after = crew->all;
    handed->link = &crew->all;
    if (crew->all)
        crew->all->link = &handed->after;
    crew->all = handed;
}

static void leave_all(struct http_handed *handed)
{
    *handed->link = handed->after;
    if (handed->after)
        handed->after->link = handed->link;
}

static void kick(struct http_crew *crew)
{
    eventfd_write(crew->kick, 1);
}

/* ---- steps ---- */

static void put_down(struct http_crew *crew, struct http_handed *handed, nanos due)
{
    if (handed->fate != FATE_STAYS) {
        handed->state = HANDED_DONE;
        handed->next = crew->done;
        crew->done = handed;
        if (!handed->next)
            kick(crew);
        return;
    }
    if (alarms_set(&crew->alarms, &handed->alarm, due))
        kick(crew);
    if (handed->causes)
        make_ready(crew, handed);
    else
        handed->state = HANDED_RESTS;
}

static void *lend_hand(void *data)
{
    struct http_crew *crew = data;
    pthread_mutex_lock(&crew->lock);
    for (;;) {
        crew->idle_hands++;
        while (!crew->ready && !crew->is_ending)
            pthread_cond_wait(&crew->work, &crew->lock);
        crew->idle_hands--;
        if (!crew->ready)
            break;
        struct http_handed *handed = take_ready(crew);
        unsigned causes = handed->causes, events = handed->events;
        handed->causes = handed->events = 0;
        handed->state = HANDED_SERVED;
        pthread_mutex_unlock(&crew->lock);
        nanos due = handed_serve(handed, causes, events);
        pthread_mutex_lock(&crew->lock);
        put_down(crew, handed, due);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* ---- the watcher: sockets, time, ends ---- */

static void close_one(struct http_connection *connection)
{
    int socket = connection->wire.socket;
    http_connection_free(connection);
    shutdown(socket, SHUT_WR);
    close(socket);
}

/* Nothing refers to it any more once the watcher has met it here: events come to this thread.
 * False: nobody can take it yet. */
static bool let_go(struct http_crew *crew, struct http_handed *handed)
{
    struct http_connection *connection = handed->connection;
    bool is_closed = handed->fate == FATE_CLOSED || crew->is_stopping;
    if (handed->is_added)
        epoll_ctl(crew->epoll, EPOLL_CTL_DEL, connection->wire.socket, NULL);
    handed->is_added = false;
    connection->handed = NULL;
    if (!is_closed && !crew->service->give_back(crew->service, connection)) {
        connection->handed = handed;
        return false;
    }
    leave_all(handed);
    alarms_drop(&crew->alarms, &handed->alarm);
    if (handed->is_resting)
        atomic_fetch_sub(&crew->service->resting, 1);
    mem_free(handed);
    if (is_closed) {
        pthread_mutex_unlock(&crew->lock);
        close_one(connection);
        pthread_mutex_lock(&crew->lock);
    }
    atomic_fetch_sub(&crew->count, 1);
    return true;
}

/* Those that no worker could take stay in the list. */
static void let_all_go(struct http_crew *crew)
{
    struct http_handed *done = crew->done, *kept = NULL;
    crew->done = NULL;
    while (done) {
        struct http_handed *next = done->next;
        if (!let_go(crew, done)) {
            done->next = kept;
            kept = done;
        }
        done = next;
    }
    while (kept) {
        struct http_handed *next = kept->next;
        kept->next = crew->done;
        crew->done = kept;
        kept = next;
    }
}

static int look_after(struct http_crew *crew)
{
    struct http_alarm *alarm;
    nanos now = instant_monotonic_now(), next;
    let_all_go(crew);
    while ((alarm = alarms_ring(&crew->alarms, now, &next))) {
        void *handed = (char *)alarm - offsetof(struct http_handed, alarm);
        rouse(crew, handed, CAUSE_TIME);
    }
    if (crew->done)
        return AGAIN_MS;
    if (next == INT64_MAX)
        return -1;
    nanos ms = (next - now + NANOS_PER_MS - 1) / NANOS_PER_MS;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

static void *watch(void *data)
{
    struct http_crew *crew = data;
    struct epoll_event events[EVENTS_AT_ONCE];
    pthread_mutex_lock(&crew->lock);
    while (!crew->is_ending || crew->all) {
        int timeout = look_after(crew);
        pthread_mutex_unlock(&crew->lock);
        int count = epoll_wait(crew->epoll, events, EVENTS_AT_ONCE, timeout);
        pthread_mutex_lock(&crew->lock);
        for (int i = 0; i < count; i++) {
            struct http_handed *handed = events[i].data.ptr;
            eventfd_t kicks;
            if (!handed) {
                eventfd_read(crew->kick, &kicks);
                continue;
            }
            handed->events |= events[i].events;
            rouse(crew, handed, CAUSE_SOCKET);
        }
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* ---- its life ---- */

static int start_threads(struct http_crew *crew)
{
    struct epoll_event event = {.events = EPOLLIN};
    pthread_attr_t attributes;
    crew->epoll = epoll_create1(EPOLL_CLOEXEC);
    crew->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (crew->epoll < 0 || crew->kick < 0 ||
        epoll_ctl(crew->epoll, EPOLL_CTL_ADD, crew->kick, &event))
        return -1;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, HTTP_STACK);
    while (crew->hand_count < CREW_HANDS &&
           !pthread_create(&crew->hands[crew->hand_count], &attributes, lend_hand, crew))
        crew->hand_count++;
    int failed = !crew->hand_count || pthread_create(&crew->watcher, NULL, watch, crew);
    pthread_attr_destroy(&attributes);
    return failed ? -1 : 0;
}

/* Hands without a watcher are ended again: the lock is given away meanwhile. */
static void end_hands(struct http_crew *crew)
{
    crew->is_ending = true;
    pthread_cond_broadcast(&crew->work);
    pthread_mutex_unlock(&crew->lock);
    for (int i = 0; i < crew->hand_count; i++)
        pthread_join(crew->hands[i], NULL);
    pthread_mutex_lock(&crew->lock);
    crew->hand_count = 0;
}

static void close_files(struct http_crew *crew)
{
    if (crew->epoll >= 0)
        close(crew->epoll);
    if (crew->kick >= 0)
        close(crew->kick);
    crew->epoll = crew->kick = -1;
}

/* What failed once is not tried again: streams have threads of their own then. */
int crew_start(struct http_crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    if (!crew->is_started && !crew->is_ending) {
        if (start_threads(crew)) {
            end_hands(crew);
            close_files(crew);
        } else {
            crew->is_started = true;
        }
    }
    bool is_there = crew->is_started;
    pthread_mutex_unlock(&crew->lock);
    return is_there ? 0 : -1;
}

void crew_take(struct http_crew *crew, struct http_handed *handed)
{
    atomic_fetch_add(&crew->count, 1);
    pthread_mutex_lock(&crew->lock);
    join_all(crew, handed);
    rouse(crew, handed, CAUSE_WOKEN);
    pthread_mutex_unlock(&crew->lock);
}

void crew_wake(struct http_handed *handed)
{
    struct http_crew *crew = handed->crew;
    pthread_mutex_lock(&crew->lock);
    rouse(crew, handed, CAUSE_WOKEN);
    pthread_mutex_unlock(&crew->lock);
}

void crew_stop(struct http_crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    crew->is_stopping = true;
    for (struct http_handed *handed = crew->all; handed; handed = handed->after)
        rouse(crew, handed, CAUSE_STOP);
    if (crew->done)
        kick(crew);
    pthread_mutex_unlock(&crew->lock);
}

/* A socket is open as long as it is among all. */
void crew_kill(struct http_crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    for (struct http_handed *handed = crew->all; handed; handed = handed->after) {
        shutdown(handed->connection->wire.socket, SHUT_RDWR);
        rouse(crew, handed, CAUSE_KILL);
    }
    pthread_mutex_unlock(&crew->lock);
}

void crew_release(struct http_crew *crew)
{
    while (atomic_load(&crew->count)) {
        crew_kill(crew); /* some may have come later */
        nanosleep(&(struct timespec){.tv_nsec = NANOS_PER_MS}, NULL);
    }
    pthread_mutex_lock(&crew->lock);
    bool was_started = crew->is_started;
    crew->is_ending = true;
    pthread_cond_broadcast(&crew->work);
    if (was_started)
        kick(crew);
    pthread_mutex_unlock(&crew->lock);
    if (was_started) {
        for (int i = 0; i < crew->hand_count; i++)
            pthread_join(crew->hands[i], NULL);
        pthread_join(crew->watcher, NULL);
    }
    close_files(crew);
    alarms_free(&crew->alarms);
    pthread_cond_destroy(&crew->work);
    pthread_mutex_destroy(&crew->lock);
}
