/* What a press does: the guard's half of the button (docs/protocol.md, "Button"). */
#include "core/guard.h"

static bool permitted_by_controller(const guard_t *guard)
{
    return guard->allow_ms < LIMIT_ALONE_AFTER_MS && guard->button_ms && guard->button_left;
}

static uint32_t alone_ms(const guard_t *guard)
{
    if (guard->allow_ms < LIMIT_ALONE_AFTER_MS || guard->reset_ms <= LIMIT_ALONE_AFTER_MS)
        return 0;
    return (uint32_t)guard_setting_u16(guard, SETTING_BUTTON_ALONE_AT) * 1000;
}

static bool permitted(const guard_t *guard)
{
    return permitted_by_controller(guard) || alone_ms(guard);
}

void guard_press_begun(guard_t *guard)
{
    button_t *button = &guard->button;
    button->live = guard->on || guard->lease_ms;
    button->was_locked = guard->locked;
    button->permitted = permitted(guard);
    button->confirms = guard->waiting;
    /* A press that ends pairing does nothing else. */
    button->spent = guard->pairing_ms;
    if (button->spent)
        guard_end_pairing(guard);
    if (button->live)
        guard_end(guard, REASON_PRESS, false);
}

static void refuse(guard_t *guard, uint8_t reason)
{
    guard->refused_ms = 0;
    guard_record(guard, EVENT_KIND_PRESS, reason, button_length(&guard->button));
}

static void grant(guard_t *guard)
{
    if (permitted_by_controller(guard)) {
        uint32_t lease = guard->button_ms < guard->button_left ? guard->button_ms : guard->button_left;
        guard_open(guard, lease, REASON_BUTTON);
    } else
        guard_open(guard, alone_ms(guard), REASON_BUTTON_ALONE);
}

static void clear_fault(guard_t *guard)
{
    uint8_t fault = guard->fault;
    if (guard->agree_ms < LIMIT_SENSE_AGREE_MS) {
        refuse(guard, REASON_FAULTY);
        return;
    }
    guard->fault = 0;
    history_fault(guard->history, 0);
    if (fault == REASON_SETTINGS)
        store_write_settings(guard->store);
    guard_record(guard, EVENT_KIND_CLEARED, REASON_PRESS, fault);
}

static void short_press(guard_t *guard)
{
    const button_t *button = &guard->button;
    if (guard->waiting && guard->waiting == button->confirms && !button->overruled)
        guard_apply_setting(guard);
    else if (guard->fault)
        clear_fault(guard);
    else if (guard->locked)
        refuse(guard, REASON_LOCKED);
    else if (guard_starting(guard))
        refuse(guard, REASON_STARTING);
    else if (guard->contested_ms)
        refuse(guard, REASON_CONTESTED);
    else if (button->overruled)
        refuse(guard, REASON_OVERRULED);
    else if (button->permitted && permitted(guard))
        grant(guard);
    else
        refuse(guard, REASON_NOT_PERMITTED);
}

void guard_press_ended(guard_t *guard)
{
    const button_t *button = &guard->button;
    uint16_t length = button_length(button);
    if (button->live || button->spent || length < LIMIT_PRESS_MIN_MS)
        return;
    if (length < LIMIT_HOLD_MS)
        short_press(guard);
    else if (button->was_locked && guard->locked && !button->relocked)
        store_write_lock(guard->store, false);
}
