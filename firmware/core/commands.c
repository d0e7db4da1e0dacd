/* What host messages do to the guard. */
#include "core/guard.h"
#include "core/settings.h"

/* The same sequence later than this is another mute of a sender that does not count. */
enum { MUTE_RESEND_WITHIN_MS = 2000 };

void guard_heard(guard_t *guard)
{
    guard->frame_ms = 0;
}

void guard_hello(guard_t *guard, const msg_hello_t *hello)
{
    uint32_t controller = hello->controller;
    bool rival = guard->controller_known && guard->controller != controller && guard->frame_ms < LIMIT_CONTESTED_MS;
    if (rival) {
        guard_end(guard, REASON_CONTESTED, !guard->contested_ms);
        guard->button.overruled = true;
        guard->contested_ms = LIMIT_CONTESTED_MS;
    }
    guard->controller = controller;
    guard->controller_known = true;
    memcpy(guard->challenge, hello->challenge, sizeof guard->challenge);
}

void guard_mute(guard_t *guard, const msg_mute_t *mute)
{
    bool resend = mute && mute->seq == guard->mute_sequence && guard->mute_ms < MUTE_RESEND_WITHIN_MS;
    bool named = mute && mute->reason >= REASON_POLICY && mute->reason < REASON_GARBLED;
    guard_end(guard, named ? mute->reason : REASON_GARBLED, !resend);
    guard->button.overruled = true;
    if (!mute)
        return;
    guard->mute_ms = 0;
    guard->mute_sequence = mute->seq;
    /* Nobody is left to answer for what the button grants. */
    if (mute->reason == REASON_STOP)
        guard->button_ms = 0;
}

static bool is_past(ms40_t time, ms40_t now)
{
    return time.high < now.high || (time.high == now.high && time.low <= now.low);
}

/* Ms from now to a later time, UINT32_MAX when more than 32 bits hold. */
static uint32_t ms_until(ms40_t time, ms40_t now)
{
    uint8_t high = (uint8_t)(time.high - now.high - (time.low < now.low));
    return high ? UINT32_MAX : time.low - now.low;
}

static uint8_t refuse_command(const guard_t *guard, uint32_t boot, uint32_t sequence)
{
    if (boot != guard->store->boot)
        return REASON_WRONG_BOOT;
    return sequence <= guard->sequence ? REASON_OLD_SEQUENCE : REASON_NONE;
}

static uint8_t refuse_allow(const guard_t *guard, const msg_allow_t *allow, uint32_t lease, uint32_t button_left)
{
    bool wants_lease = allow->live_until.low || allow->live_until.high;
    if (guard_starting(guard) || guard->pairing_ms)
        return REASON_STARTING;
    uint8_t refusal = refuse_command(guard, allow->boot, allow->seq);
    if (refusal)
        return refusal;
    if (allow->seen < guard->must_see || allow->seen > guard->history->head.newest)
        return REASON_UNSEEN;
    if (guard->locked)
        return REASON_LOCKED;
    if (guard->fault)
        return REASON_FAULTY;
    if (guard->contested_ms)
        return REASON_CONTESTED;
    if (wants_lease && guard_button_down(guard))
        return REASON_BUTTON_DOWN;
    if (wants_lease && !lease)
        return REASON_PAST;
    if (lease > LIMIT_HOST_CEILING_MS || allow->button_ms > LIMIT_BUTTON_CEILING_MS || button_left > LIMIT_BUTTON_CEILING_MS)
        return REASON_CEILING;
    return REASON_NONE;
}

/* S2, S4, S7: the only message that opens anything. */
uint8_t guard_allow(guard_t *guard, const msg_allow_t *allow)
{
    uint32_t lease = is_past(allow->live_until, guard->uptime) ? 0 : ms_until(allow->live_until, guard->uptime);
    uint32_t button_left = is_past(allow->button_until, guard->uptime) ? 0 : ms_until(allow->button_until, guard->uptime);
    uint8_t refusal = refuse_allow(guard, allow, lease, button_left);
    if (refusal)
        return refusal;
    guard->sequence = allow->seq;
    guard->allow_ms = 0;
    guard->show = allow->flags;
    memcpy(guard->challenge, allow->challenge, sizeof guard->challenge);
    guard->button_ms = allow->button_ms;
    guard->button_left = button_left;
    if (lease)
        guard_open(guard, lease, REASON_ALLOW);
    else
        guard_end(guard, REASON_WITHDRAWN, false);
    return REASON_NONE;
}

uint8_t guard_lock(guard_t *guard, const msg_lock_t *lock)
{
    uint8_t refusal = refuse_command(guard, lock->boot, lock->seq);
    if (refusal)
        return refusal;
    guard->sequence = lock->seq;
    guard_set_lock(guard, REASON_LOCK);
    return REASON_NONE;
}

static uint8_t refuse_write(const guard_t *guard, const msg_setting_t *setting, bool *confirm)
{
    if (guard_starting(guard) || guard->pairing_ms)
        return REASON_STARTING;
    uint8_t refusal = refuse_command(guard, setting->boot, setting->seq);
    if (refusal)
        return refusal;
    if (guard->locked)
        return REASON_LOCKED;
    refusal = settings_check(setting->setting, setting->value, confirm);
    if (refusal == REASON_UNKNOWN_SETTING)
        return refusal;
    if (store_busy(guard->store, STORE_SETTINGS) || store_busy(guard->store, STORE_LOCK))
        return REASON_BUSY;
    if (*confirm && guard_phase(guard) != PHASE_MUTED)
        return REASON_NOT_MUTED;
    return refusal;
}

/* S5: refused as a whole while locked. */
uint8_t guard_setting(guard_t *guard, const msg_setting_t *setting)
{
    bool confirm = false;
    uint8_t refusal = refuse_write(guard, setting, &confirm);
    if (refusal)
        return refusal;
    guard->sequence = setting->seq;
    if (confirm) {
        guard->waiting = setting->setting;
        /* A press that is going on was meant for what it began with. */
        guard->button.confirms = 0;
        guard->waiting_ms = LIMIT_CONFIRM_MS;
        memcpy(guard->waiting_value, setting->value, sizeof guard->waiting_value);
        return REASON_NONE;
    }
    settings_write(guard->store->settings, setting->setting, setting->value);
    store_write_settings(guard->store);
    guard_record(guard, EVENT_KIND_SETTING, REASON_SETTING, setting->setting);
    guard->changed = setting->setting;
    guard->applied = true;
    return REASON_NONE;
}

/* The key stays where it is until the store has written its record. */
uint8_t guard_pair(guard_t *guard, const uint8_t *key)
{
    if (guard->locked)
        return REASON_LOCKED;
    if (!guard->pairing_ms)
        return REASON_NOT_PAIRING;
    if (store_records_busy(guard->store))
        return REASON_BUSY;
    store_pair(guard->store, key);
    return REASON_NONE;
}
