/* How the guard starts and goes on, a millisecond at a time. */
#include "core/guard.h"

enum { SENSE_STILL_MS = 5 };

void guard_start(guard_t *guard, history_t *history, store_t *store, uint8_t product, uint8_t reset_reason)
{
    memset(guard, 0, sizeof *guard);
    guard->history = history;
    guard->store = store;
    guard->product = product;
    guard->reason = reset_reason;
    guard->allow_ms = guard->frame_ms = guard->refused_ms = guard->mute_ms = UINT16_MAX;

    /* A supply that was gone took an unknown time with it, so that neither uptime nor events of before can be placed. */
    if (reset_reason == REASON_POWER_ON || reset_reason == REASON_BROWN_OUT)
        history->crc = (uint16_t)~history->crc;
    guard->uptime = history_restore(history, &guard->history_lost);
    store_found_t found = store_start(store, product);
    guard->locked = found.locked;
    guard->fault = history->head.fault;
    guard->may_pair = reset_reason != REASON_EXTERNAL_RESET && reset_reason != REASON_WATCHDOG;
    /* Opening the port resets most boards: what was begun at power-up goes on. */
    uint32_t pairing_left = history->head.pairing_end - guard->uptime.low;
    if (history->head.pairing_end && pairing_left <= LIMIT_PAIRING_MS)
        guard->pairing_ms = (uint16_t)pairing_left;
    guard_record(guard, EVENT_KIND_BOOT, reset_reason, guard->history_lost);
    if (!found.settings_valid || !found.record_valid) {
        guard_set_lock(guard, REASON_SETTINGS);
        guard_fault(guard, REASON_SETTINGS);
    }
    /* Nothing of an earlier boot may be taken for a sighting of this one. */
    guard->must_see = history->head.newest;
    if (product == PRODUCT_UNO_SERVO)
        guard->lead_ms = guard_travel_ms(guard);
    guard->applied = true;
}

static void sense_tick(guard_t *guard, bool high)
{
    if (!guard_has_sense(guard)) {
        guard->sense_hears = false;
        guard->disagree_ms = 0;
        return;
    }
    bool hears = high == (guard->store->settings[SETTING_SENSE_AT] == SENSE_HIGH_HEARS);
    if (hears == guard->sense_hears)
        guard->sense_ms = 0;
    else if (++guard->sense_ms >= SENSE_STILL_MS) {
        guard->sense_hears = hears;
        guard->sense_ms = 0;
    }
    if (guard->sense_hears == guard->on)
        guard->disagree_ms = 0;
    else
        count_up(&guard->disagree_ms);
    /* S6 */
    if (guard->disagree_ms > guard_travel_ms(guard))
        guard_fault(guard, guard->on ? REASON_SENSE_DEAF : REASON_SENSE_LIVE);
}

static void store_tick(guard_t *guard)
{
    store_step(guard->store);
    uint8_t done = store_take_done(guard->store);
    if (done & 1 << STORE_RECORD)
        guard->ready = true;
    if (done & 1 << STORE_SWEEP) {
        guard_record(guard, EVENT_KIND_PAIRED, REASON_NONE, store_keyed(guard->store));
        guard_end_pairing(guard);
    }
    if (done & 1 << STORE_LOCK && guard->locked && guard->store->lock_value == EEPROM_UNLOCKED_MAGIC) {
        guard->locked = false;
        guard_record(guard, EVENT_KIND_UNLOCK, REASON_PRESS, 0);
    }
    if (guard->store->failed) {
        guard->store->failed = false;
        guard->changed = 0;
        guard_fault(guard, REASON_MEMORY);
    }
}

static void pairing_tick(guard_t *guard, bool button_closed)
{
    guard->may_pair &= button_closed && !guard->locked;
    if (guard->may_pair && guard->reset_ms == LIMIT_PAIR_HOLD_MS) {
        guard->pairing_ms = LIMIT_PAIRING_MS;
        history_pairing(guard->history, guard->uptime.low + LIMIT_PAIRING_MS);
    }
    if (guard->pairing_ms && !store_records_busy(guard->store) && --guard->pairing_ms == 0)
        guard_end_pairing(guard);
}

static void lease_tick(guard_t *guard)
{
    if (guard->lease_ms == 1)
        guard_end(guard, REASON_LEASE_END, false);
    count_down(&guard->lease_ms);
    if (guard->lease_ms <= guard->lead_ms)
        guard_drive(guard, false);
}

static void button_tick_guard(guard_t *guard, bool closed)
{
    switch (button_tick(&guard->button, closed)) {
    case BUTTON_PRESSED:
        guard_press_begun(guard);
        break;
    case BUTTON_HELD:
        if (guard->button.live || guard->button.was_locked || guard->button.spent)
            break;
        guard->button.spent = true;
        guard_set_lock(guard, REASON_PRESS);
        break;
    case BUTTON_STUCK:
        guard->button.spent = true;
        guard_fault(guard, REASON_BUTTON_STUCK);
        break;
    case BUTTON_RELEASED:
        guard_press_ended(guard);
        break;
    case BUTTON_NOTHING:
        break;
    }
}

void guard_tick(guard_t *guard, const pins_t *pins)
{
    ms40_count(&guard->uptime);
    history_tick(guard->history, guard->uptime);
    count_up(&guard->still_ms);
    count_up(&guard->reset_ms);
    count_up(&guard->allow_ms);
    count_up(&guard->frame_ms);
    count_up(&guard->refused_ms);
    count_up(&guard->mute_ms);
    count_down(&guard->button_left);
    if (guard->contested_ms)
        guard->contested_ms--;
    if (guard->waiting && --guard->waiting_ms == 0)
        guard->waiting = 0;

    if (guard->ready && guard->reset_ms >= guard_travel_ms(guard))
        guard->started = true;

    lease_tick(guard);
    pairing_tick(guard, pins->button_closed);
    button_tick_guard(guard, pins->button_closed);
    sense_tick(guard, pins->sense_high);
    store_tick(guard);

    if (guard->on || guard->sense_hears)
        guard->agree_ms = 0;
    else
        count_up(&guard->agree_ms);
    bool closing = guard->still_ms < guard_travel_ms(guard) && guard->still_ms < guard->reset_ms;
    if (guard->on || guard->sense_hears || closing)
        ms40_count(&guard->live_ms);
}

void guard_button_edge(guard_t *guard)
{
    if (button_edge(&guard->button) == BUTTON_PRESSED)
        guard_press_begun(guard);
}
