#include "core/guard.h"

#include "core/settings.h"

uint16_t guard_setting_u16(const guard_t *guard, uint8_t at)
{
    return get_u16(guard->store->settings + at);
}

uint16_t guard_travel_ms(const guard_t *guard)
{
    return guard_setting_u16(guard, SETTING_TRAVEL_AT);
}

bool guard_has_sense(const guard_t *guard)
{
    return guard->store->settings[SETTING_SENSE_AT] != SENSE_NONE;
}

bool guard_button_down(const guard_t *guard)
{
    return guard->button.down || !guard->button.armed;
}

bool guard_starting(const guard_t *guard)
{
    return !guard->started;
}

uint8_t guard_phase(const guard_t *guard)
{
    bool still = guard->still_ms >= guard_travel_ms(guard);
    if (guard_starting(guard))
        return PHASE_STARTING;
    if (guard->on)
        return still ? PHASE_LIVE : PHASE_OPENING;
    return still ? PHASE_MUTED : PHASE_CLOSING;
}

void guard_record(guard_t *guard, uint8_t kind, uint8_t reason, uint32_t detail)
{
    history_record(guard->history, guard->store->boot, guard->uptime, kind, reason, detail);
    bool by_button = reason == REASON_BUTTON || reason == REASON_BUTTON_ALONE;
    if (kind == EVENT_KIND_MUTE || kind == EVENT_KIND_PRESS || kind == EVENT_KIND_LOCK || kind == EVENT_KIND_FAULT || kind == EVENT_KIND_PAIRED ||
        (kind == EVENT_KIND_LIVE && by_button))
        guard->must_see = guard->history->head.newest;
}

void guard_drive(guard_t *guard, bool on)
{
    if (guard->on == on)
        return;
    guard->on = on;
    guard->still_ms = 0;
    guard->disagree_ms = 0;
}

/* Ends whatever lease runs. S3: needs nothing and acts at once. */
void guard_end(guard_t *guard, uint8_t reason, bool record_always)
{
    bool was_live = guard->on || guard->lease_ms;
    guard->lease_ms = 0;
    guard_drive(guard, false);
    if (was_live)
        guard->reason = reason;
    if (was_live || record_always)
        guard_record(guard, EVENT_KIND_MUTE, reason, 0);
}

void guard_open(guard_t *guard, uint32_t lease_ms, uint8_t reason)
{
    bool was_live = guard->on || guard->lease_ms;
    if (!was_live && lease_ms <= guard->lead_ms)
        return;
    guard->lease_ms = lease_ms;
    guard->waiting = 0;
    guard_drive(guard, lease_ms > guard->lead_ms);
    if (was_live)
        return;
    guard->reason = reason;
    guard_record(guard, EVENT_KIND_LIVE, reason, lease_ms);
}

static void drop_permissions(guard_t *guard)
{
    guard->button_ms = 0;
    guard->waiting = 0;
}

void guard_end_pairing(guard_t *guard)
{
    guard->pairing_ms = 0;
    history_pairing(guard->history, 0);
}

void guard_fault(guard_t *guard, uint8_t fault)
{
    if (guard->fault)
        return;
    guard_end(guard, REASON_FAULT, false);
    drop_permissions(guard);
    guard->fault = fault;
    guard->reason = REASON_FAULT;
    history_fault(guard->history, fault);
    guard_record(guard, EVENT_KIND_FAULT, fault, 0);
}

void guard_set_lock(guard_t *guard, uint8_t reason)
{
    guard_end(guard, REASON_LOCK, false);
    guard->button.overruled = true;
    guard->button.relocked = true;
    if (guard->locked && guard->store->lock_value != EEPROM_UNLOCKED_MAGIC)
        return;
    drop_permissions(guard);
    guard_end_pairing(guard);
    store_write_lock(guard->store, true);
    guard_record(guard, EVENT_KIND_LOCK, reason, 0);
    guard->locked = true;
    guard->reason = REASON_LOCK;
}

void guard_apply_setting(guard_t *guard)
{
    settings_write(guard->store->settings, guard->waiting, guard->waiting_value);
    store_write_settings(guard->store);
    guard_record(guard, EVENT_KIND_SETTING, REASON_SETTING, guard->waiting);
    guard->changed = guard->waiting;
    guard->waiting = 0;
    guard->reason = REASON_SETTING;
    /* The board goes through travel again: what was known of the actuator was known under the old settings. */
    guard->still_ms = 0;
    guard->disagree_ms = 0;
    guard->agree_ms = 0;
    if (guard->product == PRODUCT_UNO_SERVO)
        guard->lead_ms = guard_travel_ms(guard);
    guard->travels = true;
    guard->applied = true;
}
