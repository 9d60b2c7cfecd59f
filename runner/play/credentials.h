/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "runner/result.h"

/*
 * A service that is not ours refuses a request with 401 (the very first also with 403), its step
 * did not expect that, and nothing that wants credentials was let in so far: there is no use in
 * going on. Why, in the arena; NULL when nothing speaks for it. `runner` remembers who was let in.
 */
struct runner;
const char *credentials_refusal(struct runner *runner, const struct attempt *attempt);
