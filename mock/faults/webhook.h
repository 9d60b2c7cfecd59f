/* SPDX-License-Identifier: Apache-2.0 */
/* Faults of webhooks: chosen for each try of a delivery when it is about to go. */
#pragma once

#include "mock/outbox.h"

/*
 * Chooses for the next try (with the world's lock held): marks the delivery as lost or doubled.
 * How much later it goes, in the world's time; 0 = now.
 */
nanos webhook_faults_choose(struct delivery *delivery);
