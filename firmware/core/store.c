#include "core/store.h"

#include "core/codec.h"
#include "core/settings.h"
#include "hal/hal.h"

enum { KEY_RECORD_PAIRING = 3, KEY_RECORD_KEY, KEY_RECORD_BYTES = KEY_RECORD_KEY + LIMIT_KEY_BYTES + CRC_BYTES };
enum { OLD_RECORD_BYTES = 3 + CRC_BYTES };
/* The lowest bit of `pairing` and what counts above it; in place of a key stands what an erased EEPROM holds. */
enum { PAIRING_KEYED = 1, PAIRING_STEP = 2, NO_KEY = 0xFF };
enum { SLOT_BYTES = SETTINGS_BYTES + 4, SLOT_CLEARED = 0, ATTEMPTS = 3 };

static uint16_t record_address(uint8_t record)
{
    return (uint16_t)(EEPROM_KEY_RECORDS + record * KEY_RECORD_BYTES);
}

static void queue(store_t *store, uint8_t job)
{
    store->pending |= (uint8_t)(1 << job);
    store->done &= (uint8_t) ~(1 << job);
    if (store->job == job) {
        store->place = 0;
        store->verify = false;
        store->attempts = 0;
    }
}

static uint16_t slot_address(uint8_t slot)
{
    return slot ? EEPROM_SLOT1 : EEPROM_SLOT0;
}

static bool cells_locked(void)
{
    return nv_read(EEPROM_LOCK_A) != EEPROM_UNLOCKED_MAGIC || nv_read(EEPROM_LOCK_B) != EEPROM_UNLOCKED_MAGIC;
}

static bool is_blank(uint16_t address, uint16_t end)
{
    for (; address < end; address++)
        if (nv_read(address) != 0xFF)
            return false;
    return true;
}

static uint16_t nv_u16(uint16_t address)
{
    return (uint16_t)(nv_read(address) | (uint16_t)nv_read((uint16_t)(address + 1)) << 8);
}

/* Whether the two bytes after these are their CRC. */
static bool nv_whole(uint16_t address, uint8_t length)
{
    uint16_t crc = CRC_START;
    for (; length; length--)
        crc = crc_step(crc, nv_read(address++));
    return nv_u16(address) == crc;
}

static uint16_t counting_address(const store_t *store)
{
    return record_address(store->record);
}

void store_key(const store_t *store, uint8_t *key)
{
    uint16_t address = (uint16_t)(counting_address(store) + KEY_RECORD_KEY);
    for (uint8_t i = 0; i < LIMIT_KEY_BYTES; i++)
        key[i] = nv_read(address++);
}

/* Bytes of the record to be written, but for its CRC. */
static uint8_t next_byte(const store_t *store, uint8_t place)
{
    uint8_t head[KEY_RECORD_KEY] = {[KEY_RECORD_PAIRING] = store->next_pairing};
    put_u24(head, store->boot);
    if (place < KEY_RECORD_KEY)
        return head[place];
    if (!(store->next_pairing & PAIRING_KEYED))
        return NO_KEY;
    if (store->next_key)
        return store->next_key[place - KEY_RECORD_KEY];
    return nv_read((uint16_t)(counting_address(store) + place));
}

static void queue_record(store_t *store, uint8_t pairing, const uint8_t *key)
{
    store->next_pairing = pairing;
    store->next_key = key;
    store->next_crc = CRC_START;
    for (uint8_t place = 0; place < KEY_RECORD_BYTES - CRC_BYTES; place++)
        store->next_crc = crc_step(store->next_crc, next_byte(store, place));
    queue(store, STORE_RECORD);
}

void store_pair(store_t *store, const uint8_t *key)
{
    uint8_t any = 0;
    for (uint8_t i = 0; i < LIMIT_KEY_BYTES; i++)
        any |= key[i];
    queue_record(store, (uint8_t)((store->pairing | PAIRING_KEYED) + (any ? PAIRING_STEP : PAIRING_KEYED)), key);
}

static uint32_t nv_u24(uint16_t address)
{
    return nv_u16(address) | (uint32_t)nv_read((uint16_t)(address + 2)) << 16;
}

/* A firmware of before there were keys kept its boot number elsewhere. */
static bool find_old_record(store_t *store)
{
    bool found = false;
    uint16_t address = EEPROM_OLD_BOOT_RECORDS;
    for (uint8_t i = 0; i < EEPROM_OLD_BOOT_RECORD_COUNT; i++, address += OLD_RECORD_BYTES) {
        if (!nv_whole(address, OLD_RECORD_BYTES - CRC_BYTES))
            continue;
        uint32_t boot = nv_u24(address);
        found = true;
        if (boot > store->boot)
            store->boot = boot;
    }
    return found;
}

/* The pairing of a record that is not the newest one's is a key that somebody meant to be forgotten. */
static bool find_record(store_t *store)
{
    bool found = false, mixed = false;
    for (uint8_t i = 0; i < EEPROM_KEY_RECORD_COUNT; i++) {
        uint16_t address = record_address(i);
        if (!nv_whole(address, KEY_RECORD_BYTES - CRC_BYTES))
            continue;
        uint32_t boot = nv_u24(address);
        uint8_t pairing = nv_read((uint16_t)(address + KEY_RECORD_PAIRING));
        bool newer = boot > store->boot || (boot == store->boot && (int8_t)(pairing - store->pairing) > 0);
        mixed |= found && pairing != store->pairing;
        if (found && !newer)
            continue;
        found = true;
        store->boot = boot;
        store->pairing = pairing;
        store->record = i;
    }
    if (!found && is_blank(record_address(0), record_address(EEPROM_KEY_RECORD_COUNT)))
        found = find_old_record(store);
    store->boot++;
    if (mixed)
        queue(store, STORE_SWEEP);
    return found;
}

static bool slot_valid(uint8_t slot, uint8_t *generation)
{
    uint16_t address = slot_address(slot);
    *generation = nv_read((uint16_t)(address + 1));
    return nv_read(address) == SETTINGS_VERSION && nv_whole(address, SLOT_BYTES - CRC_BYTES);
}

static bool find_settings(store_t *store)
{
    uint8_t generation[2];
    bool valid0 = slot_valid(0, &generation[0]);
    bool valid1 = slot_valid(1, &generation[1]);
    if (!valid0 && !valid1)
        return false;
    store->slot = valid1 && (!valid0 || (int8_t)(generation[1] - generation[0]) > 0);
    store->generation = generation[store->slot];
    for (uint8_t i = 0; i < SETTINGS_BYTES; i++)
        store->settings[i] = nv_read((uint16_t)(slot_address(store->slot) + 2 + i));
    return settings_in_range(store->settings);
}

store_found_t store_start(store_t *store, uint8_t product)
{
    memset(store, 0, sizeof *store);
    store_found_t found = {.locked = true};
    if (is_blank(0, EEPROM_SIZE_BYTES)) {
        settings_defaults(store->settings, product);
        store->boot = 1;
        store_write_lock(store, false);
        store_write_settings(store);
        found = (store_found_t){.locked = false, .settings_valid = true, .record_valid = true};
    } else {
        found.locked = cells_locked();
        store->lock_value = found.locked ? EEPROM_LOCKED_VALUE : EEPROM_UNLOCKED_MAGIC;
        store->lock_kept = true;
        found.record_valid = find_record(store);
        found.settings_valid = store->settings_kept = find_settings(store);
        if (!found.settings_valid)
            settings_defaults(store->settings, product);
    }
    queue_record(store, store->pairing, 0);
    return found;
}

/* A slot takes one place more: its version is cleared first and written last, so that no half-written slot counts. */
static uint8_t job_length(uint8_t job)
{
    return job == STORE_LOCK ? 2 : job == STORE_SETTINGS ? SLOT_BYTES + 1 : KEY_RECORD_BYTES;
}

static uint8_t slot_byte(const store_t *store, uint8_t place)
{
    uint8_t head[2] = {SETTINGS_VERSION, (uint8_t)(store->generation + 1)};
    if (place < 2)
        return head[place];
    if (place < 2 + SETTINGS_BYTES)
        return store->settings[place - 2];
    uint16_t crc = crc_run(crc_run(CRC_START, head, 2), store->settings, SETTINGS_BYTES);
    return (uint8_t)(place == SLOT_BYTES - 2 ? crc : crc >> 8);
}

static uint8_t next_record(const store_t *store)
{
    return (uint8_t)((store->record + 1) % EEPROM_KEY_RECORD_COUNT);
}

static void target(const store_t *store, uint16_t *address, uint8_t *value)
{
    if (store->job == STORE_LOCK) {
        *address = store->place ? EEPROM_LOCK_B : EEPROM_LOCK_A;
        *value = store->lock_value;
    } else if (store->job == STORE_RECORD) {
        uint8_t crc_place = (uint8_t)(store->place - (KEY_RECORD_BYTES - CRC_BYTES));
        *address = (uint16_t)(record_address(next_record(store)) + store->place);
        *value = crc_place < CRC_BYTES ? (uint8_t)(store->next_crc >> 8 * crc_place) : next_byte(store, store->place);
    } else if (store->job == STORE_SWEEP) {
        *address = (uint16_t)(record_address(store->sweep) + store->place);
        *value = nv_read((uint16_t)(counting_address(store) + store->place));
    } else {
        uint8_t place = store->place == SLOT_BYTES ? 0 : store->place;
        *address = (uint16_t)(slot_address(!store->slot) + place);
        *value = store->place ? slot_byte(store, place) : SLOT_CLEARED;
    }
}

/* What the cells say counts, whatever was wanted; true when both are the same. */
static bool settle_lock(store_t *store)
{
    bool wanted = store->lock_value != EEPROM_UNLOCKED_MAGIC;
    bool locked = cells_locked();
    store->lock_value = locked ? EEPROM_LOCKED_VALUE : EEPROM_UNLOCKED_MAGIC;
    store->lock_kept = locked || !wanted;
    return locked == wanted;
}

static void end_job(store_t *store)
{
    store->pending &= (uint8_t) ~(1 << store->job);
    store->place = 0;
}

static void finish(store_t *store)
{
    if (store->job == STORE_SWEEP && ++store->sweep < EEPROM_KEY_RECORD_COUNT) {
        store->place = 0;
        return;
    }
    end_job(store);
    if (store->job == STORE_LOCK && !settle_lock(store))
        return;
    store->done |= (uint8_t)(1 << store->job);
    if (store->job == STORE_RECORD) {
        store->record = next_record(store);
        if (store->pairing != store->next_pairing) {
            store->sweep = 0;
            queue(store, STORE_SWEEP);
        }
        store->pairing = store->next_pairing;
    }
    if (store->job == STORE_SETTINGS) {
        store->settings_kept = true;
        store->slot = !store->slot;
        store->generation++;
    }
}

/* A lock goes first; whatever it displaces starts again from its first byte. */
static void choose(store_t *store)
{
    uint8_t first = 0;
    while (!(store->pending & 1 << first))
        first++;
    if (store->job == first && (store->place || store->verify))
        return;
    store->job = first;
    store->place = 0;
    store->verify = false;
    store->attempts = 0;
}

static void next_place(store_t *store)
{
    if (++store->place == job_length(store->job))
        finish(store);
}

/* A byte was not kept. One cell is enough to lock, so the second is written although the first has failed. */
static void give_up(store_t *store)
{
    store->failed = true;
    store->attempts = 0;
    store->verify = false;
    if (store->job == STORE_LOCK && store->place++ == 0)
        return;
    /* One byte that stays as it was makes its record invalid; the others must go all the same. */
    if (store->job == STORE_SWEEP) {
        next_place(store);
        return;
    }
    end_job(store);
    if (store->job == STORE_LOCK)
        settle_lock(store);
}

void store_step(store_t *store)
{
    if (!store->pending || !nv_ready())
        return;
    choose(store);
    uint16_t address;
    uint8_t value;
    target(store, &address, &value);
    bool kept = nv_read(address) == value;
    if (kept) {
        store->verify = false;
        store->attempts = 0;
        next_place(store);
        return;
    }
    if (store->attempts == ATTEMPTS) {
        give_up(store);
        return;
    }
    store->attempts++;
    store->verify = true;
    nv_write(address, value);
}

bool store_busy(const store_t *store, uint8_t job)
{
    return store->pending & 1 << job;
}

uint8_t store_take_done(store_t *store)
{
    uint8_t done = store->done;
    store->done = 0;
    return done;
}

void store_write_lock(store_t *store, bool locked)
{
    store->lock_value = locked ? EEPROM_LOCKED_VALUE : EEPROM_UNLOCKED_MAGIC;
    store->lock_kept = false;
    queue(store, STORE_LOCK);
}

void store_write_settings(store_t *store)
{
    store->settings_kept = false;
    queue(store, STORE_SETTINGS);
}
