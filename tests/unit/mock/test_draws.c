/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/draws.h"

#include "core/base/draw.h"
#include "mock/world/world.h"
#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

static void requests_are_counted_apart(void **state)
{
    (void)state;
    struct draws *draws = draws_new();
    for (uint32_t round = 0; round < 3; round++)
        for (uint64_t request = 0; request < 1000; request++)
            assert_int_equal(draws_seen(draws, request << 40), round);
    draws_free(draws);
}

static void memory_is_bounded_and_recent_requests_are_remembered(void **state)
{
    (void)state;
    struct draws *draws = draws_new();
    size_t most = 0;
    for (uint64_t i = 0; i < 5 * (uint64_t)DRAWS_GENERATION; i++) {
        draws_seen(draws, i * 2 + 1);
        if (i % 1000 == 0)
            assert_int_equal(draws_seen(draws, 2),
                             i / 1000); /* seen all the time: never forgotten */
        if (draws_bytes(draws) > most)
            most = draws_bytes(draws);
    }
    assert_true(most <= (size_t)4 * DRAWS_GENERATION * 16 + 64);
    assert_int_equal(draws_seen(draws, 1), 0); /* forgotten */
    draws_free(draws);
}

static void keys_differ_in_every_part(void **state)
{
    (void)state;
    uint64_t keys[] = {draws_key(1, "", 5, 0, DRAW_IDS),   draws_key(2, "", 5, 0, DRAW_IDS),
                       draws_key(1, "a", 5, 0, DRAW_IDS),  draws_key(1, "", 6, 0, DRAW_IDS),
                       draws_key(1, "", 5, 1, DRAW_IDS),   draws_key(1, "", 5, 0, DRAW_DELAYS),
                       draws_key(1, "", 5, 0, DRAW_FAULTS)};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(keys[i], keys[k]);
    assert_int_equal(keys[0], draws_key(1, "", 5, 0, DRAW_IDS));
}

/* Four clients at once, some of their requests word for word equal: each gets the same ids again.
 */

enum { CLIENTS = 4, CREATES = 25, REPETITIONS = 30 };

struct client {
    struct world *world;
    int number;
    uint64_t ids[CREATES];
};

static void *create_runs(void *data)
{
    struct client *client = data;
    for (int i = 0; i < CREATES; i++) {
        char body[40];
        snprintf(body, sizeof body, "{\"prompt\":\"%d-%d\"}", client->number, i % 5 ? i : 0);
        uint64_t request = draw_hash_text(draw_hash_text(0, "createRun /runs"), body);
        world_begin(client->world);
        uint32_t seen = draws_seen(client->world->draws, request);
        struct draw draw =
            draw_from(draws_key(client->world->seed, client->world->name, request, seen, DRAW_IDS));
        client->ids[i] = draw_next(&draw);
        world_unlock(client->world);
        if (i % 3 == client->number % 3)
            sched_yield();
        world_end(client->world);
    }
    return NULL;
}

static void four_concurrent_clients_get_the_same_ids_every_time(void **state)
{
    (void)state;
    static uint64_t first[CLIENTS][CREATES];
    for (int repetition = 0; repetition < REPETITIONS; repetition++) {
        struct world *world = world_new("", &(struct world_settings){.seed = 7});
        struct client clients[CLIENTS];
        pthread_t threads[CLIENTS];
        for (int i = 0; i < CLIENTS; i++) {
            clients[i] = (struct client){.world = world, .number = i};
            assert_int_equal(pthread_create(&threads[i], NULL, create_runs, &clients[i]), 0);
        }
        for (int i = 0; i < CLIENTS; i++) {
            pthread_join(threads[i], NULL);
            if (repetition == 0)
                memcpy(first[i], clients[i].ids, sizeof first[i]);
            assert_memory_equal(first[i], clients[i].ids, sizeof first[i]);
        }
        world_unref(world);
    }
    for (int i = 0; i < CLIENTS * CREATES; i++) /* and no two are equal */
        for (int k = 0; k < i; k++)
            assert_int_not_equal((&first[0][0])[i], (&first[0][0])[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_counted_apart),
        cmocka_unit_test(memory_is_bounded_and_recent_requests_are_remembered),
        cmocka_unit_test(keys_differ_in_every_part),
        cmocka_unit_test(four_concurrent_clients_get_the_same_ids_every_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
