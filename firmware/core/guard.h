/* The guard: the state machine that owns actuator, button and lease (design section 6, docs/protocol.md).
 * Inputs are function calls, effects are fields: `on` is what the actuator must do now. It touches no hardware and never waits. */
#ifndef EARLID_GUARD_H
#define EARLID_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/button.h"
#include "core/history.h"
#include "core/store.h"
#include "generated/protocol.h"

/* What the pins say, sampled once a ms. */
typedef struct {
    bool button_closed;
    bool sense_high;
} pins_t;

typedef struct {
    history_t *history;
    store_t *store;
    uint8_t product;
    bool history_lost; /* events of before this boot are gone */

    bool on;              /* command to the actuator */
    uint32_t lease_ms;    /* left of the running lease */
    uint16_t lead_ms;     /* how long before the end of a lease closing begins (servo) */
    uint16_t still_ms;    /* since the command changed, saturating */
    uint8_t reason;       /* of the phase */
    ms40_t uptime;
    ms40_t live_ms;       /* ms in which the speaker may have heard */
    uint16_t reset_ms;    /* since the reset, saturating */
    bool ready;           /* the boot number is committed */
    bool started;         /* ready, and the travel time since the reset has passed */

    uint32_t sequence;    /* last accepted of allow, lock, setting */
    uint32_t mute_sequence;
    uint16_t mute_ms;     /* since the last mute that could be read, saturating */
    uint32_t must_see;    /* newest event that an allow must have seen */
    uint32_t button_ms;   /* permission of the button */
    uint32_t button_left; /* ms until it ends */
    uint16_t allow_ms;    /* since the last valid allow, saturating */
    uint16_t frame_ms;    /* since the last valid host frame, saturating */
    uint32_t controller;
    uint8_t challenge[LIMIT_CHALLENGE_BYTES]; /* newest one taken in this boot */
    bool controller_known;
    uint16_t contested_ms; /* left of being contested */
    uint8_t show; /* ALLOW_… flags of the last allow */

    button_t button;
    uint16_t refused_ms; /* since the last refused press, saturating; for the LEDs */

    bool may_pair;       /* powered up with the button down, which it still is */
    uint16_t pairing_ms; /* left in which a key is taken, 0: none is */

    uint8_t fault;
    bool locked;
    bool sense_hears;
    uint8_t sense_ms;    /* since the raw sense differs from sense_hears */
    uint16_t disagree_ms;
    uint16_t agree_ms;

    uint8_t waiting; /* id of the setting that waits for a press, 0 none */
    uint8_t waiting_value[8];
    uint16_t waiting_ms;
    uint8_t changed; /* id of the setting being written, 0 none */
    bool travels;    /* a confirmed setting sends the actuator through its travel again */
    bool applied;    /* settings changed: the board must take them up */
} guard_t;

void guard_start(guard_t *guard, history_t *history, store_t *store, uint8_t product, uint8_t reset_reason);
void guard_tick(guard_t *guard, const pins_t *pins);
void guard_button_edge(guard_t *guard);

/* Host messages. Each returns REASON_NONE when it was accepted, else why it was refused. */
void guard_heard(guard_t *guard);
void guard_hello(guard_t *guard, const msg_hello_t *hello);
void guard_mute(guard_t *guard, const msg_mute_t *mute);
uint8_t guard_allow(guard_t *guard, const msg_allow_t *allow);
uint8_t guard_lock(guard_t *guard, const msg_lock_t *lock);
uint8_t guard_setting(guard_t *guard, const msg_setting_t *setting);
uint8_t guard_pair(guard_t *guard, const uint8_t *key);

uint8_t guard_phase(const guard_t *guard);
uint16_t guard_setting_u16(const guard_t *guard, uint8_t at);
uint16_t guard_travel_ms(const guard_t *guard);
bool guard_has_sense(const guard_t *guard);

/* Down, or not yet known to have been up since the reset. */
bool guard_button_down(const guard_t *guard);
void guard_record(guard_t *guard, uint8_t kind, uint8_t reason, uint32_t detail);

/* Shared by the parts of the guard: step.c, press.c, commands.c. */
void guard_drive(guard_t *guard, bool on);
void guard_end(guard_t *guard, uint8_t reason, bool record_always);
void guard_fault(guard_t *guard, uint8_t fault);
void guard_set_lock(guard_t *guard, uint8_t reason);
void guard_open(guard_t *guard, uint32_t lease_ms, uint8_t reason);
bool guard_starting(const guard_t *guard);
void guard_apply_setting(guard_t *guard);
void guard_end_pairing(guard_t *guard);
void guard_press_begun(guard_t *guard);
void guard_press_ended(guard_t *guard);

/* One ms further, not beyond the largest value. */
static inline void count_up(uint16_t *ms)
{
    if (*ms != UINT16_MAX)
        ++*ms;
}

static inline void count_down(uint32_t *ms)
{
    if (*ms)
        --*ms;
}

static inline void ms40_count(ms40_t *time)
{
    if (++time->low == 0)
        time->high++;
}

#endif
