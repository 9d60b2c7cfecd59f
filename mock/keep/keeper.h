/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `--state FILE`: all sessions, loaded when the mock starts and saved when it stops and every so
 * many changes. A thread of its own saves; no request waits for it but while its session is
 * looked at (mock/keep/snapshot.h).
 */
#pragma once

#include "core/base/findings.h"
#include "mock/mock.h"

struct keeper;

/*
 * Reads the file, when there is one, into `mock->restored`, for mock_listen; before any session is
 * made. NULL: findings or `err` say why, and the file is as it was.
 */
struct keeper *keeper_new(struct mock *mock, const char *file, int64_t every,
                          struct findings *findings, struct error *err);
void keeper_start(struct keeper *keeper); /* saves from now on */
/*
 * No session is found any more, requests under way end, and what they left is saved. -1 and `err`:
 * the file holds an older state.
 */
int keeper_stop(struct keeper *keeper, struct error *err);
void keeper_free(struct keeper *keeper); /* after the mock; NULL is fine */

/* A resource was born, changed, moved or deleted: data is the keeper. Any thread, any lock. */
void keeper_note(void *data);
