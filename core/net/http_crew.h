/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few threads that go on with exchanges which were handed over (http_server.h): one watches
 * their sockets and the time, some take the steps. Started with the first of them. What belongs to
 * a connection is touched by the one thread that serves it; the lists, and why it is to be served,
 * by whoever holds the crew's lock, within which nothing else is locked but the library's queue.
 */
#pragma once

#include "core/net/http_alarms.h"
#include "core/net/http_server.h"

#include <pthread.h>

struct http_connection;
struct http_service;

enum { CREW_HANDS = 4 };

/* Why a connection is served; a set of bits. */
enum http_cause {
    CAUSE_WOKEN = 1,  /* http_wake, or it was handed over */
    CAUSE_SOCKET = 2, /* something happened to its socket */
    CAUSE_TIME = 4,
    CAUSE_STOP = 8, /* the server stops */
    CAUSE_KILL = 16 /* it has no time left for it */
};

enum http_fate {
    FATE_STAYS,
    FATE_WORKER, /* back to the library's threads: a request has come, or has to be waited for */
    FATE_CLOSED
};

enum http_handed_state { HANDED_RESTS, HANDED_READY, HANDED_SERVED, HANDED_DONE };

/* A connection whose exchange was handed over; lives until a worker has it back, or its end. */
struct http_handed {
    struct http_connection *connection;
    struct http_crew *crew;
    http_step *step;
    void *data;
    /* the crew's lock */
    struct http_alarm alarm;
    enum http_handed_state state;
    unsigned causes, events;   /* since it was served */
    struct http_handed *next;  /* of those ready, or done */
    struct http_handed *after; /* of all */
    struct http_handed **link;
    /* whoever serves it */
    unsigned watched;                   /* what the socket is watched for; 0: nothing */
    nanos due;                          /* when http_step_within is over; monotonic */
    nanos stuck_until;                  /* when its client must have read what is written */
    size_t sent;                        /* bytes of the connection's `out` */
    short wants;                        /* what the socket must be ready for: POLLIN or POLLOUT */
    bool is_added, is_stuck, has_bytes; /* has_bytes: of another request */
    bool is_over, lives;
    bool is_resting; /* counted by its service */
    enum http_fate fate;
};

struct http_crew {
    struct http_service *service;
    pthread_mutex_t lock;
    pthread_cond_t work;
    pthread_t watcher, hands[CREW_HANDS];
    int hand_count, idle_hands, epoll, kick;
    bool is_started, is_stopping, is_ending;
    struct http_handed *ready, **ready_end, *done, *all;
    struct http_alarms alarms;
    _Atomic int count; /* handed over, and not closed or given back */
};

void crew_init(struct http_crew *crew, struct http_service *service);
int crew_start(struct http_crew *crew); /* 0 also when it has; -1: no threads can be had */
/* From here on the caller does not touch the connection. */
void crew_take(struct http_crew *crew, struct http_handed *handed);
void crew_wake(struct http_handed *handed); /* by any thread, as long as its step has not ended */
/* Every step is told, and what comes later at once; nothing is given back any more. */
void crew_stop(struct http_crew *crew);
void crew_kill(struct http_crew *crew); /* sockets are shut down: every step ends now */
/* Waits for the last one, then for the threads. */
void crew_release(struct http_crew *crew);

/* http_handed.c: one turn of one connection. Returns when to serve it again at the latest. */
nanos handed_serve(struct http_handed *handed, unsigned causes, unsigned events);
struct http_handed *handed_new(struct http_connection *connection, http_step *step, void *data);
/* Sends what is in the connection's `out`, or keeps it; -1: the client has left. */
int handed_flush(struct http_handed *handed);
