/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials: which are accepted is the service's data; any value of the right form is good. */
#pragma once

#include "mock/exchange.h"

/*
 * Finds the credential (exchange->credential). NULL, or what is missing: the operation needs one.
 */
const char *auth_check(struct exchange *exchange);
/* $principal, $credential and $exchange, while the play is there: made when they are asked for.
 * False: the name is none of them. */
bool auth_resolve(struct exchange *exchange, struct str name, const cJSON **value);
