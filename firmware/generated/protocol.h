/* Generated from schemas/ by `npm run generate`; do not edit. */
#ifndef EARLID_PROTOCOL_H
#define EARLID_PROTOCOL_H
#include <stdint.h>
#include <string.h>

#define PROTOCOL_VERSION 2
#define SCHEMA_HASH 0x461f917dUL
#define FIRMWARE_VERSION 0x000100UL

#define LIMIT_BAUD 115200UL /* speed of the serial wire, bits per second */
#define LIMIT_FRAME_BYTES 64 /* longest whole frame, F0 to F7 */
#define LIMIT_CONTENT_BYTES 53 /* longest content of a frame before 7-bit packing */
#define LIMIT_MAC_BYTES 16 /* authenticator between body and CRC, where there is one */
#define LIMIT_KEY_BYTES 32 /* key of a gate; all zero is no key */
#define LIMIT_CHALLENGE_BYTES 8 /* challenge of the controller, which the gate echoes */
#define LIMIT_GATE_ID_BYTES 8 /* longest gate id (printable ASCII, padded with 0) */
#define LIMIT_EVENT_RING 32 /* events the gate keeps until they are stored */
#define LIMIT_LEASE_MS 9000 /* lease the controller gives */
#define LIMIT_RENEW_MS 3000 /* period at which the controller renews it */
#define LIMIT_HOST_CEILING_MS 30000 /* longest lease the gate accepts from the controller */
#define LIMIT_BUTTON_CEILING_MS 900000UL /* longest grant by the button */
#define LIMIT_SILENT_MS 3000 /* a link without valid frames for this long is silent */
#define LIMIT_STATE_PERIOD_MS 1000 /* period of `state` when nothing changes */
#define LIMIT_MUTE_RESEND_MS 100 /* period at which an unproven mute is sent again */
#define LIMIT_HELLO_MS 10000 /* period at which the controller says hello again */
#define LIMIT_CONTESTED_MS 30000 /* how long a controller counts as present, and how long `contested` lasts after the last rival hello */
#define LIMIT_ALONE_AFTER_MS 10000 /* after this long without a valid allow (and after a reset) only `button_alone` permits a press */
#define LIMIT_DEBOUNCE_MS 20 /* an input or the released button must be still for this long */
#define LIMIT_PRESS_MIN_MS 50 /* shortest press that can grant */
#define LIMIT_HOLD_MS 3000 /* a press of this length locks, or (while locked) unlocks on release */
#define LIMIT_STUCK_MS 10000 /* a press longer than this is the fault `button-stuck` */
#define LIMIT_SENSE_AGREE_MS 1000 /* the sense must have agreed with muted for this long before a fault can be cleared */
#define LIMIT_PAIR_HOLD_MS 100 /* a button that is down at power-up, and still so after this long, begins pairing */
#define LIMIT_PAIRING_MS 60000UL /* how long a gate takes a key */
#define LIMIT_CONFIRM_MS 30000 /* a setting that needs a press waits this long for it */
#define LIMIT_LEASE_ENDING_MS 3000 /* a lease with less than this left is shown as about to end */
#define LIMIT_SERVO_ATTEMPTS 3 /* closing moves a faulty servo is given before its power is cut */

#define REASON_NONE 0 /* nothing to say */
#define REASON_POWER_ON 1 /* reset: the supply came up */
#define REASON_BROWN_OUT 2 /* reset: the supply dipped below the brown-out level */
#define REASON_EXTERNAL_RESET 3 /* reset: the reset pin was pulled (opening the port does it on most boards) */
#define REASON_WATCHDOG 4 /* reset: the firmware hung and the watchdog ended it */
#define REASON_HIDDEN_RESET 5 /* reset: the cause was hidden by the bootloader */
#define REASON_ALLOW 10 /* the controller gave a lease */
#define REASON_BUTTON 11 /* a press that the controller had permitted */
#define REASON_BUTTON_ALONE 12 /* a press permitted by the stored setting `button_alone` */
#define REASON_POLICY 20 /* muted by the controller: its verdict says mute */
#define REASON_CLI 21 /* muted by a person at the command line */
#define REASON_HOMEASSISTANT 22 /* muted by Home Assistant */
#define REASON_STOP 23 /* muted by the controller as it stopped */
#define REASON_GARBLED 24 /* muted by a mute frame whose content could not be read */
#define REASON_LEASE_END 30 /* the lease ran out */
#define REASON_PRESS 31 /* the button was pressed while live */
#define REASON_LOCK 32 /* the gate was locked */
#define REASON_FAULT 33 /* a fault was found */
#define REASON_CONTESTED 34 /* two controllers speak to this gate */
#define REASON_SETTING 35 /* a setting that needs a muted gate was applied */
#define REASON_WITHDRAWN 36 /* an allow without listening permission ended the lease */
#define REASON_NOT_PERMITTED 40 /* no permission for the button at both ends of the press */
#define REASON_LOCKED 41 /* the gate is locked */
#define REASON_FAULTY 42 /* a fault is latched */
#define REASON_OVERRULED 43 /* a mute came during the press */
#define REASON_STARTING 44 /* the gate is still starting, or waits for its key */
#define REASON_BUTTON_DOWN 45 /* the button is down */
#define REASON_WRONG_BOOT 46 /* meant for another boot of this gate */
#define REASON_OLD_SEQUENCE 47 /* sequence not above the last accepted one */
#define REASON_UNSEEN 48 /* the sender has not seen the newest press, mute, lock, fault or expired lease */
#define REASON_CEILING 49 /* reaches beyond the ceiling compiled into the firmware */
#define REASON_PAST 50 /* its time has already passed */
#define REASON_NOT_MUTED 51 /* only possible while muted */
#define REASON_RANGE 52 /* value outside its range, or a pin that belongs to the guard */
#define REASON_UNKNOWN_SETTING 53 /* no such setting */
#define REASON_BUSY 54 /* an earlier change is still being written, or an earlier message being verified */
#define REASON_NEEDS_PRESS 55 /* waits for a press at the gate */
#define REASON_MALFORMED 56 /* message of unknown version, kind or length */
#define REASON_UNAUTHENTICATED 57 /* the gate holds a key and takes such a message only with an authenticator */
#define REASON_BAD_AUTHENTICATOR 58 /* its authenticator is wrong, or the gate holds no key */
#define REASON_NOT_PAIRING 59 /* a key is taken only by a gate that was powered up with its button held */
#define REASON_SENSE_LIVE 60 /* fault: the sense hears although muted was commanded for longer than the travel time */
#define REASON_SENSE_DEAF 61 /* fault: the sense does not hear although live was commanded for longer than the travel time */
#define REASON_BUTTON_STUCK 62 /* fault: the button was down for longer than 10 s */
#define REASON_SETTINGS 63 /* fault: no valid settings are stored on the gate */
#define REASON_MEMORY 64 /* fault: the EEPROM did not keep what was written */

#define PHASE_STARTING 0 /* after a reset: boot number not committed, or travel time not yet passed */
#define PHASE_MUTED 1 /* off for longer than the travel time */
#define PHASE_CLOSING 2 /* commanded off, travel time not yet passed */
#define PHASE_OPENING 3 /* commanded on under a lease, travel time not yet passed */
#define PHASE_LIVE 4 /* on under a lease */

#define EVENT_KIND_BOOT 1 /* the firmware started; reason says why the gate was reset; detail 1 when earlier events were lost */
#define EVENT_KIND_LIVE 2 /* the actuator was commanded on; detail is the lease in ms */
#define EVENT_KIND_MUTE 3 /* muted: a lease ended, or a mute was received */
#define EVENT_KIND_PRESS 4 /* a press ended without granting; reason says why; detail is its length in ms */
#define EVENT_KIND_LOCK 5 /* the gate was locked */
#define EVENT_KIND_UNLOCK 6 /* the gate was unlocked by its button */
#define EVENT_KIND_FAULT 7 /* a fault latched */
#define EVENT_KIND_CLEARED 8 /* a fault was cleared; detail is the code of that fault */
#define EVENT_KIND_SETTING 9 /* a setting was changed; detail is its id */
#define EVENT_KIND_PAIRED 10 /* the gate was given a key (detail 1) or has forgotten it (detail 0) */

#define PRODUCT_UNO_RELAY 1 /* ATmega328P (Uno, Nano) with a normally-open relay contact */
#define PRODUCT_UNO_SERVO 2 /* ATmega328P (Uno, Nano) with a servo that moves a shutter or a slide switch */

#define BROWN_OUT_OFF 0 /* no brown-out detection: the relay may hold far below 4 V */
#define BROWN_OUT_1_8_V 1 /* brown-out detection at 1.8 V */
#define BROWN_OUT_2_7_V 2 /* brown-out detection at 2.7 V (stock Uno and Nano) */
#define BROWN_OUT_4_3_V 3 /* brown-out detection at 4.3 V (wanted) */

#define SETTING_OP_READ 0 /* answer with `value` */
#define SETTING_OP_WRITE 1 /* change the setting */

#define VALUE_STATUS_CURRENT 0 /* this is the value in force and stored */
#define VALUE_STATUS_PENDING 1 /* this value waits for a press at the gate */
#define VALUE_STATUS_WRITING 2 /* this value is in force, but not (yet) stored */

#define SENSE_NONE 0 /* no sense is wired */
#define SENSE_HIGH_HEARS 1 /* a high sense pin means the speaker hears (a broken wire reads as hearing) */
#define SENSE_LOW_HEARS 2 /* a low sense pin means the speaker hears */

#define IDENTITY_BOOTLOADER 0x01 /* the BOOTRST fuse is programmed: a bootloader runs before the firmware */
#define IDENTITY_KEYED 0x02 /* the gate holds a key */
#define IDENTITY_HISTORY_LOST 0x04 /* events of before this boot were lost (power loss) */
#define IDENTITY_PAIRING 0x08 /* the gate takes a key */

#define STATE_LOCKED 0x01 /* the gate is locked and the lock has been read back */
#define STATE_CONTESTED 0x02 /* two controllers speak to this gate: unknown */
#define STATE_SENSE_PRESENT 0x04 /* a sense is configured */
#define STATE_SENSE_HEARS 0x08 /* the sense says the speaker hears */
#define STATE_BUTTON_DOWN 0x10 /* the button is down */
#define STATE_CONFIRMING 0x20 /* a setting waits for a press */
#define STATE_ATTEMPTS_SPENT 0x40 /* a faulty servo was driven three times and its power was cut */
#define STATE_VERIFYING 0x80 /* a lock or setting is being written */

#define ALLOW_NIGHT 0x01 /* use the night level of the LEDs */
#define ALLOW_STARTING 0x02 /* the speaker is being started by its supply and does not answer yet */


/* Uptime in ms: 40 bits, so that it never wraps in the life of a gate. */
typedef struct {
    uint32_t low;
    uint8_t high;
} ms40_t;

static inline uint8_t get_u8(const uint8_t *p) { return p[0]; }
static inline uint16_t get_u16(const uint8_t *p) { return (uint16_t)(p[0] | (uint16_t)p[1] << 8); }
static inline uint32_t get_u24(const uint8_t *p) { return get_u16(p) | (uint32_t)p[2] << 16; }
static inline uint32_t get_u32(const uint8_t *p) { return get_u24(p) | (uint32_t)p[3] << 24; }
static inline ms40_t get_u40(const uint8_t *p) { return (ms40_t){get_u32(p), p[4]}; }
static inline void put_u8(uint8_t *p, uint8_t v) { p[0] = v; }
static inline void put_u16(uint8_t *p, uint16_t v) { p[0] = (uint8_t)v; p[1] = (uint8_t)(v >> 8); }
static inline void put_u24(uint8_t *p, uint32_t v) { put_u16(p, (uint16_t)v); p[2] = (uint8_t)(v >> 16); }
static inline void put_u32(uint8_t *p, uint32_t v) { put_u24(p, v); p[3] = (uint8_t)(v >> 24); }
static inline void put_u40(uint8_t *p, ms40_t v) { put_u32(p, v.low); p[4] = v.high; }

/* who speaks; answered with `identity`, `state` and every event not yet stored */
#define MSG_HELLO 0x01
#define MSG_HELLO_BYTES 12
#define MSG_HELLO_CONTROLLER_AT 0
#define MSG_HELLO_CHALLENGE_AT 4
typedef struct {
    uint32_t controller;
    uint8_t challenge[8];
} msg_hello_t;
static inline void msg_hello_read(const uint8_t *p, msg_hello_t *m)
{
    m->controller = get_u32(p + 0);
    memcpy(m->challenge, p + 4, 8);
}
static inline void msg_hello_write(uint8_t *p, const msg_hello_t *m)
{
    put_u32(p + 0, m->controller);
    memcpy(p + 4, m->challenge, 8);
}

/* the only message that can open anything; also the keep-alive */
#define MSG_ALLOW 0x02
#define MSG_ALLOW_BYTES 32
#define MSG_ALLOW_BOOT_AT 0
#define MSG_ALLOW_SEQ_AT 3
#define MSG_ALLOW_SEEN_AT 7
#define MSG_ALLOW_LIVE_UNTIL_AT 10
#define MSG_ALLOW_BUTTON_UNTIL_AT 15
#define MSG_ALLOW_BUTTON_MS_AT 20
#define MSG_ALLOW_FLAGS_AT 23
#define MSG_ALLOW_CHALLENGE_AT 24
typedef struct {
    uint32_t boot;
    uint32_t seq;
    uint32_t seen;
    ms40_t live_until;
    ms40_t button_until;
    uint32_t button_ms;
    uint8_t flags;
    uint8_t challenge[8];
} msg_allow_t;
static inline void msg_allow_read(const uint8_t *p, msg_allow_t *m)
{
    m->boot = get_u24(p + 0);
    m->seq = get_u32(p + 3);
    m->seen = get_u24(p + 7);
    m->live_until = get_u40(p + 10);
    m->button_until = get_u40(p + 15);
    m->button_ms = get_u24(p + 20);
    m->flags = get_u8(p + 23);
    memcpy(m->challenge, p + 24, 8);
}
static inline void msg_allow_write(uint8_t *p, const msg_allow_t *m)
{
    put_u24(p + 0, m->boot);
    put_u32(p + 3, m->seq);
    put_u24(p + 7, m->seen);
    put_u40(p + 10, m->live_until);
    put_u40(p + 15, m->button_until);
    put_u24(p + 20, m->button_ms);
    put_u8(p + 23, m->flags);
    memcpy(p + 24, m->challenge, 8);
}

/* mute at once; acts from any sender, for any boot, and even when its content is damaged */
#define MSG_MUTE 0x03
#define MSG_MUTE_BYTES 5
#define MSG_MUTE_SEQ_AT 0
#define MSG_MUTE_REASON_AT 4
typedef struct {
    uint32_t seq;
    uint8_t reason;
} msg_mute_t;
static inline void msg_mute_read(const uint8_t *p, msg_mute_t *m)
{
    m->seq = get_u32(p + 0);
    m->reason = get_u8(p + 4);
}
static inline void msg_mute_write(uint8_t *p, const msg_mute_t *m)
{
    put_u32(p + 0, m->seq);
    put_u8(p + 4, m->reason);
}

/* mute and lock */
#define MSG_LOCK 0x04
#define MSG_LOCK_BYTES 7
#define MSG_LOCK_BOOT_AT 0
#define MSG_LOCK_SEQ_AT 3
typedef struct {
    uint32_t boot;
    uint32_t seq;
} msg_lock_t;
static inline void msg_lock_read(const uint8_t *p, msg_lock_t *m)
{
    m->boot = get_u24(p + 0);
    m->seq = get_u32(p + 3);
}
static inline void msg_lock_write(uint8_t *p, const msg_lock_t *m)
{
    put_u24(p + 0, m->boot);
    put_u32(p + 3, m->seq);
}

/* read or write one setting; answered with `value` or `nak` */
#define MSG_SETTING 0x05
#define MSG_SETTING_BYTES 17
#define MSG_SETTING_BOOT_AT 0
#define MSG_SETTING_SEQ_AT 3
#define MSG_SETTING_OP_AT 7
#define MSG_SETTING_SETTING_AT 8
#define MSG_SETTING_VALUE_AT 9
typedef struct {
    uint32_t boot;
    uint32_t seq;
    uint8_t op;
    uint8_t setting;
    uint8_t value[8];
} msg_setting_t;
static inline void msg_setting_read(const uint8_t *p, msg_setting_t *m)
{
    m->boot = get_u24(p + 0);
    m->seq = get_u32(p + 3);
    m->op = get_u8(p + 7);
    m->setting = get_u8(p + 8);
    memcpy(m->value, p + 9, 8);
}
static inline void msg_setting_write(uint8_t *p, const msg_setting_t *m)
{
    put_u24(p + 0, m->boot);
    put_u32(p + 3, m->seq);
    put_u8(p + 7, m->op);
    put_u8(p + 8, m->setting);
    memcpy(p + 9, m->value, 8);
}

/* events up to this one are on the controller’s disk and may be forgotten */
#define MSG_STORED 0x06
#define MSG_STORED_BYTES 6
#define MSG_STORED_BOOT_AT 0
#define MSG_STORED_EVENT_AT 3
typedef struct {
    uint32_t boot;
    uint32_t event;
} msg_stored_t;
static inline void msg_stored_read(const uint8_t *p, msg_stored_t *m)
{
    m->boot = get_u24(p + 0);
    m->event = get_u24(p + 3);
}
static inline void msg_stored_write(uint8_t *p, const msg_stored_t *m)
{
    put_u24(p + 0, m->boot);
    put_u24(p + 3, m->event);
}

/* gives the gate its key; taken only while the gate is pairing */
#define MSG_PAIR 0x07
#define MSG_PAIR_BYTES 32
#define MSG_PAIR_KEY_AT 0
typedef struct {
    uint8_t key[32];
} msg_pair_t;
static inline void msg_pair_read(const uint8_t *p, msg_pair_t *m)
{
    memcpy(m->key, p + 0, 32);
}
static inline void msg_pair_write(uint8_t *p, const msg_pair_t *m)
{
    memcpy(p + 0, m->key, 32);
}

/* what answers; sent only after the boot number is committed */
#define MSG_IDENTITY 0x08
#define MSG_IDENTITY_BYTES 30
#define MSG_IDENTITY_BOOT_AT 0
#define MSG_IDENTITY_SCHEMA_AT 3
#define MSG_IDENTITY_FIRMWARE_AT 7
#define MSG_IDENTITY_PRODUCT_AT 10
#define MSG_IDENTITY_GATE_AT 11
#define MSG_IDENTITY_RESET_AT 19
#define MSG_IDENTITY_BROWN_OUT_AT 20
#define MSG_IDENTITY_FLAGS_AT 21
#define MSG_IDENTITY_CHALLENGE_AT 22
typedef struct {
    uint32_t boot;
    uint32_t schema;
    uint32_t firmware;
    uint8_t product;
    uint8_t gate[8];
    uint8_t reset;
    uint8_t brown_out;
    uint8_t flags;
    uint8_t challenge[8];
} msg_identity_t;
static inline void msg_identity_read(const uint8_t *p, msg_identity_t *m)
{
    m->boot = get_u24(p + 0);
    m->schema = get_u32(p + 3);
    m->firmware = get_u24(p + 7);
    m->product = get_u8(p + 10);
    memcpy(m->gate, p + 11, 8);
    m->reset = get_u8(p + 19);
    m->brown_out = get_u8(p + 20);
    m->flags = get_u8(p + 21);
    memcpy(m->challenge, p + 22, 8);
}
static inline void msg_identity_write(uint8_t *p, const msg_identity_t *m)
{
    put_u24(p + 0, m->boot);
    put_u32(p + 3, m->schema);
    put_u24(p + 7, m->firmware);
    put_u8(p + 10, m->product);
    memcpy(p + 11, m->gate, 8);
    put_u8(p + 19, m->reset);
    put_u8(p + 20, m->brown_out);
    put_u8(p + 21, m->flags);
    memcpy(p + 22, m->challenge, 8);
}

/* what the gate knows of itself; sent on change, every second, and as the answer to a message */
#define MSG_STATE 0x09
#define MSG_STATE_BYTES 33
#define MSG_STATE_BOOT_AT 0
#define MSG_STATE_UPTIME_AT 3
#define MSG_STATE_PHASE_AT 8
#define MSG_STATE_REASON_AT 9
#define MSG_STATE_LEASE_LEFT_MS_AT 10
#define MSG_STATE_FLAGS_AT 13
#define MSG_STATE_FAULT_AT 14
#define MSG_STATE_INPUTS_AT 15
#define MSG_STATE_NEWEST_AT 16
#define MSG_STATE_LIVE_MS_AT 19
#define MSG_STATE_LOST_AT 24
#define MSG_STATE_CHALLENGE_AT 25
typedef struct {
    uint32_t boot;
    ms40_t uptime;
    uint8_t phase;
    uint8_t reason;
    uint32_t lease_left_ms;
    uint8_t flags;
    uint8_t fault;
    uint8_t inputs;
    uint32_t newest;
    ms40_t live_ms;
    uint8_t lost;
    uint8_t challenge[8];
} msg_state_t;
static inline void msg_state_read(const uint8_t *p, msg_state_t *m)
{
    m->boot = get_u24(p + 0);
    m->uptime = get_u40(p + 3);
    m->phase = get_u8(p + 8);
    m->reason = get_u8(p + 9);
    m->lease_left_ms = get_u24(p + 10);
    m->flags = get_u8(p + 13);
    m->fault = get_u8(p + 14);
    m->inputs = get_u8(p + 15);
    m->newest = get_u24(p + 16);
    m->live_ms = get_u40(p + 19);
    m->lost = get_u8(p + 24);
    memcpy(m->challenge, p + 25, 8);
}
static inline void msg_state_write(uint8_t *p, const msg_state_t *m)
{
    put_u24(p + 0, m->boot);
    put_u40(p + 3, m->uptime);
    put_u8(p + 8, m->phase);
    put_u8(p + 9, m->reason);
    put_u24(p + 10, m->lease_left_ms);
    put_u8(p + 13, m->flags);
    put_u8(p + 14, m->fault);
    put_u8(p + 15, m->inputs);
    put_u24(p + 16, m->newest);
    put_u40(p + 19, m->live_ms);
    put_u8(p + 24, m->lost);
    memcpy(p + 25, m->challenge, 8);
}

/* something that happened; repeated every second until stored */
#define MSG_EVENT 0x0a
#define MSG_EVENT_BYTES 16
#define MSG_EVENT_SEQ_AT 0
#define MSG_EVENT_BOOT_AT 3
#define MSG_EVENT_UPTIME_AT 6
#define MSG_EVENT_KIND_AT 11
#define MSG_EVENT_REASON_AT 12
#define MSG_EVENT_DETAIL_AT 13
typedef struct {
    uint32_t seq;
    uint32_t boot;
    ms40_t uptime;
    uint8_t kind;
    uint8_t reason;
    uint32_t detail;
} msg_event_t;
static inline void msg_event_read(const uint8_t *p, msg_event_t *m)
{
    m->seq = get_u24(p + 0);
    m->boot = get_u24(p + 3);
    m->uptime = get_u40(p + 6);
    m->kind = get_u8(p + 11);
    m->reason = get_u8(p + 12);
    m->detail = get_u24(p + 13);
}
static inline void msg_event_write(uint8_t *p, const msg_event_t *m)
{
    put_u24(p + 0, m->seq);
    put_u24(p + 3, m->boot);
    put_u40(p + 6, m->uptime);
    put_u8(p + 11, m->kind);
    put_u8(p + 12, m->reason);
    put_u24(p + 13, m->detail);
}

/* a message was refused and changed nothing */
#define MSG_NAK 0x0b
#define MSG_NAK_BYTES 6
#define MSG_NAK_MESSAGE_AT 0
#define MSG_NAK_SEQ_AT 1
#define MSG_NAK_REASON_AT 5
typedef struct {
    uint8_t message;
    uint32_t seq;
    uint8_t reason;
} msg_nak_t;
static inline void msg_nak_read(const uint8_t *p, msg_nak_t *m)
{
    m->message = get_u8(p + 0);
    m->seq = get_u32(p + 1);
    m->reason = get_u8(p + 5);
}
static inline void msg_nak_write(uint8_t *p, const msg_nak_t *m)
{
    put_u8(p + 0, m->message);
    put_u32(p + 1, m->seq);
    put_u8(p + 5, m->reason);
}

/* answer to `setting` */
#define MSG_VALUE 0x0c
#define MSG_VALUE_BYTES 18
#define MSG_VALUE_SETTING_AT 0
#define MSG_VALUE_STATUS_AT 1
#define MSG_VALUE_VALUE_AT 2
#define MSG_VALUE_CHALLENGE_AT 10
typedef struct {
    uint8_t setting;
    uint8_t status;
    uint8_t value[8];
    uint8_t challenge[8];
} msg_value_t;
static inline void msg_value_read(const uint8_t *p, msg_value_t *m)
{
    m->setting = get_u8(p + 0);
    m->status = get_u8(p + 1);
    memcpy(m->value, p + 2, 8);
    memcpy(m->challenge, p + 10, 8);
}
static inline void msg_value_write(uint8_t *p, const msg_value_t *m)
{
    put_u8(p + 0, m->setting);
    put_u8(p + 1, m->status);
    memcpy(p + 2, m->value, 8);
    memcpy(p + 10, m->challenge, 8);
}

#define EEPROM_SIZE_BYTES 1024 /* EEPROM of the ATmega328P */
#define EEPROM_LOCK_A 8 /* first copy of the lock cell */
#define EEPROM_LOCK_B 520 /* second copy of the lock cell */
#define EEPROM_UNLOCKED_MAGIC 90 /* the one value that means unlocked */
#define EEPROM_LOCKED_VALUE 165 /* what is written to lock; anything but the magic means locked */
#define EEPROM_OLD_BOOT_RECORDS 32 /* first boot record of protocol version 1 (`u24 boot, CRC-16`), read while no key record was ever written */
#define EEPROM_OLD_BOOT_RECORD_COUNT 16 /* boot records of protocol version 1 */
#define EEPROM_SLOT0 128 /* first settings slot */
#define EEPROM_SLOT1 192 /* second settings slot */
#define EEPROM_KEY_RECORDS 576 /* first key record */
#define EEPROM_KEY_RECORD_COUNT 8 /* key records, used in turn to spread the wear */

#define SETTINGS_VERSION 1
#define SETTINGS_BYTES 23 /* all settings one after another */
#define SETTINGS_COUNT 12
#define SETTING_SENSE 1 /* what the sense pin means, 0 none, 1 high-hears, 2 low-hears */
#define SETTING_SENSE_AT 0 /* place in the settings */
#define SETTING_TRAVEL 2 /* longest time the actuator takes from one end to the other, ms */
#define SETTING_TRAVEL_AT 1 /* place in the settings */
#define SETTING_BUTTON_ALONE 3 /* grant by a press while no controller answers; 0 is off, s */
#define SETTING_BUTTON_ALONE_AT 3 /* place in the settings */
#define SETTING_SERVO_CLOSED 4 /* pulse at which the servo has taken the hearing away, µs */
#define SETTING_SERVO_CLOSED_AT 5 /* place in the settings */
#define SETTING_SERVO_OPEN 5 /* pulse at which the speaker hears, µs */
#define SETTING_SERVO_OPEN_AT 7 /* place in the settings */
#define SETTING_LED_DAY 6 /* level of the LEDs, 1/255 */
#define SETTING_LED_DAY_AT 9 /* place in the settings */
#define SETTING_LED_NIGHT 7 /* level of the LEDs at night, 1/255 */
#define SETTING_LED_NIGHT_AT 10 /* place in the settings */
#define SETTING_INPUT0 8 /* first declared input: pin in bits 0–5, bit 6 pull-up, bit 7 inverted; 255 none, pin */
#define SETTING_INPUT0_AT 11 /* place in the settings */
#define SETTING_INPUT1 9 /* second declared input, likewise, pin */
#define SETTING_INPUT1_AT 12 /* place in the settings */
#define SETTING_INPUT2 10 /* third declared input, likewise, pin */
#define SETTING_INPUT2_AT 13 /* place in the settings */
#define SETTING_INPUT3 11 /* fourth declared input, likewise, pin */
#define SETTING_INPUT3_AT 14 /* place in the settings */
#define SETTING_GATE_ID 12 /* gate id, padded with 0, ASCII */
#define SETTING_GATE_ID_AT 15 /* place in the settings */

/* id, offset, width, needs a press, min, max, default of uno-relay, default of uno-servo */
#define SETTINGS_TABLE(X) \
    X(1, 0, 1, 1, 0, 2, 0, 0) \
    X(2, 1, 2, 1, 5, 5000, 50, 800) \
    X(3, 3, 2, 1, 0, 900, 0, 0) \
    X(4, 5, 2, 1, 500, 2500, 1000, 1000) \
    X(5, 7, 2, 1, 500, 2500, 2000, 2000) \
    X(6, 9, 1, 0, 1, 255, 255, 255) \
    X(7, 10, 1, 0, 1, 255, 16, 16) \
    X(8, 11, 1, 0, 0, 255, 255, 255) \
    X(9, 12, 1, 0, 0, 255, 255, 255) \
    X(10, 13, 1, 0, 0, 255, 255, 255) \
    X(11, 14, 1, 0, 0, 255, 255, 255) \
    X(12, 15, 8, 0, 0, 0, 0, 0)

#endif
