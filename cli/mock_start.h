/* SPDX-License-Identifier: Apache-2.0 */
/* What every command that plays services does before the first request can come. */
#pragma once

#include "cli/mock_settings.h"

/*
 * Loads what is played and listens. What is wrong is said on standard error: findings, or one
 * line; then NULL. Signals that this thread wants for itself must be blocked before: threads begin
 * here. The settings must outlive the mock; mock_end ends it.
 */
struct mock *mock_start(const struct mock_settings *settings);
/* Ends it: with --state what it holds is saved. 0, or -1: told on standard error. NULL is fine. */
int mock_end(struct mock *mock);
/* Writes --port-file, when there is one. 0, or -1 and `err`. */
int mock_write_port(const struct mock *mock, const struct mock_settings *settings,
                    struct error *err);
/*
 * Scheme, host and port that clients on this machine reach it by: an address that listens
 * everywhere is told as loopback.
 */
void mock_origin(const struct mock *mock, const struct mock_settings *settings, char *origin,
                 size_t size);
