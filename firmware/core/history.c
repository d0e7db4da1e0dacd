#include "core/history.h"

#include "core/codec.h"

static uint16_t head_crc(const history_t *history)
{
    return crc_run(CRC_START, &history->head, sizeof history->head);
}

static uint16_t record_crc(const record_t *record)
{
    return crc_run(CRC_START, record, (uint8_t)(sizeof *record - sizeof record->crc));
}

static uint8_t uptime_check(uint32_t low, uint8_t high)
{
    return (uint8_t)~(low ^ low >> 8 ^ low >> 16 ^ low >> 24 ^ high);
}

static record_t *slot(history_t *history, uint32_t sequence)
{
    return &history->ring[sequence % LIMIT_EVENT_RING];
}

static bool restore_uptime(const history_t *history, ms40_t *uptime)
{
    bool found = false;
    for (uint8_t i = 0; i < 2; i++) {
        const uptime_copy_t *copy = &history->uptime[i];
        if (copy->check != uptime_check(copy->low, copy->high))
            continue;
        bool later = copy->high > uptime->high || (copy->high == uptime->high && copy->low > uptime->low);
        if (!found || later)
            *uptime = (ms40_t){copy->low, copy->high};
        found = true;
    }
    return found;
}

ms40_t history_restore(history_t *history, bool *lost)
{
    ms40_t uptime = {0, 0};
    *lost = false;
    if (history->crc == head_crc(history) && history->head.held <= LIMIT_EVENT_RING && restore_uptime(history, &uptime)) {
        /* An event spoiled by the reset takes the older ones with it: order and count must stay true. */
        for (uint8_t i = 0; i < history->head.held; i++) {
            const record_t *record = slot(history, history->head.newest - i);
            if (record->crc == record_crc(record))
                continue;
            uint16_t sum = (uint16_t)(history->head.lost + history->head.held - i);
            history->head.lost = sum > 255 ? 255 : (uint8_t)sum;
            history->head.held = i;
            history->crc = head_crc(history);
        }
        return uptime;
    }
    memset(history, 0, sizeof *history);
    history->crc = head_crc(history);
    *lost = true;
    return (ms40_t){0, 0};
}

void history_tick(history_t *history, ms40_t uptime)
{
    uptime_copy_t *copy = &history->uptime[uptime.low & 1];
    copy->low = uptime.low;
    copy->high = uptime.high;
    copy->check = uptime_check(uptime.low, uptime.high);
}

void history_record(history_t *history, uint32_t boot, ms40_t uptime, uint8_t kind, uint8_t reason, uint32_t detail)
{
    uint32_t sequence = history->head.newest + 1;
    record_t *record = slot(history, sequence);
    put_u24(record->boot, boot);
    record->uptime = uptime;
    record->kind = kind;
    record->reason = reason;
    put_u24(record->detail, detail);
    record->crc = record_crc(record);
    history->head.newest = sequence;
    if (history->head.held < LIMIT_EVENT_RING)
        history->head.held++;
    else if (history->head.lost < 255)
        history->head.lost++;
    history->crc = head_crc(history);
}

void history_fault(history_t *history, uint8_t fault)
{
    history->head.fault = fault;
    history->crc = head_crc(history);
}

void history_pairing(history_t *history, uint32_t end)
{
    history->head.pairing_end = end;
    history->crc = head_crc(history);
}

uint32_t history_oldest(const history_t *history)
{
    return history->head.newest + 1 - history->head.held;
}

void history_stored(history_t *history, uint32_t sequence)
{
    if (sequence < history_oldest(history) || sequence > history->head.newest)
        return;
    history->head.held = (uint8_t)(history->head.newest - sequence);
    history->crc = head_crc(history);
}

void history_event(const history_t *history, uint32_t sequence, uint8_t *body)
{
    const record_t *record = &history->ring[sequence % LIMIT_EVENT_RING];
    put_u24(body + MSG_EVENT_SEQ_AT, sequence);
    memcpy(body + MSG_EVENT_BOOT_AT, record->boot, sizeof record->boot);
    put_u40(body + MSG_EVENT_UPTIME_AT, record->uptime);
    body[MSG_EVENT_KIND_AT] = record->kind;
    body[MSG_EVENT_REASON_AT] = record->reason;
    memcpy(body + MSG_EVENT_DETAIL_AT, record->detail, sizeof record->detail);
}
