/* Generated from schemas/ by `npm run generate`; do not edit. */
/* hello */
static void vector_0(void)
{
    static const uint8_t frame[] = {0xf0, 0x01, 0x10, 0x00, 0x60, 0x33, 0x45, 0x46, 0x44, 0x68, 0x03, 0x01, 0xf7};
    msg_hello_t m;
    const uint8_t *body = vector_body("hello", frame, sizeof frame, MSG_HELLO, 0, MSG_HELLO_BYTES);
    msg_hello_read(body, &m);
    CHECK(m.controller == 305419896UL);
    uint8_t again[MSG_HELLO_BYTES];
    msg_hello_write(again, &m);
    vector_written(frame, sizeof frame, MSG_HELLO, 0, again, sizeof again);
}

/* hello, largest id */
static void vector_1(void)
{
    static const uint8_t frame[] = {0xf0, 0x01, 0x10, 0x7e, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x25, 0x10, 0x01, 0xf7};
    msg_hello_t m;
    const uint8_t *body = vector_body("hello, largest id", frame, sizeof frame, MSG_HELLO, 255, MSG_HELLO_BYTES);
    msg_hello_read(body, &m);
    CHECK(m.controller == 4294967295UL);
    uint8_t again[MSG_HELLO_BYTES];
    msg_hello_write(again, &m);
    vector_written(frame, sizeof frame, MSG_HELLO, 255, again, sizeof again);
}

/* allow, a lease and a button permission */
static void vector_2(void)
{
    static const uint8_t frame[] = {0xf0, 0x02, 0x10, 0x0e, 0x08, 0x08, 0x00, 0x60, 0x00, 0x01, 0x01, 0x00, 0x30, 0x00, 0x00, 0x00, 0x5a, 0x32, 0x0f, 0x00, 0x00, 0x00, 0x5e, 0x1f, 0x07, 0x00, 0x00, 0x20, 0x7e, 0x0a, 0x00, 0x40, 0x23, 0x17, 0xf7};
    msg_allow_t m;
    const uint8_t *body = vector_body("allow, a lease and a button permission", frame, sizeof frame, MSG_ALLOW, 7, MSG_ALLOW_BYTES);
    msg_allow_read(body, &m);
    CHECK(m.boot == 258UL);
    CHECK(m.seq == 66051UL);
    CHECK(m.seen == 12UL);
    CHECK(m.live_until.low == 1009000UL && m.live_until.high == 0);
    CHECK(m.button_until.low == 1900000UL && m.button_until.high == 0);
    CHECK(m.button_ms == 90000UL);
    CHECK(m.flags == 0);
    uint8_t again[MSG_ALLOW_BYTES];
    msg_allow_write(again, &m);
    vector_written(frame, sizeof frame, MSG_ALLOW, 7, again, sizeof again);
}

/* allow, keep-alive only, at night */
static void vector_3(void)
{
    static const uint8_t frame[] = {0xf0, 0x02, 0x10, 0x10, 0x04, 0x00, 0x00, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x30, 0x20, 0x2c, 0x75, 0xf7};
    msg_allow_t m;
    const uint8_t *body = vector_body("allow, keep-alive only, at night", frame, sizeof frame, MSG_ALLOW, 8, MSG_ALLOW_BYTES);
    msg_allow_read(body, &m);
    CHECK(m.boot == 1UL);
    CHECK(m.seq == 1UL);
    CHECK(m.seen == 0UL);
    CHECK(m.live_until.low == 0UL && m.live_until.high == 0);
    CHECK(m.button_until.low == 0UL && m.button_until.high == 0);
    CHECK(m.button_ms == 0UL);
    CHECK(m.flags == 3);
    uint8_t again[MSG_ALLOW_BYTES];
    msg_allow_write(again, &m);
    vector_written(frame, sizeof frame, MSG_ALLOW, 8, again, sizeof again);
}

/* allow, uptime beyond 32 bits */
static void vector_4(void)
{
    static const uint8_t frame[] = {0xf0, 0x02, 0x10, 0x12, 0x7c, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x1f, 0x4a, 0x11, 0x00, 0x00, 0x04, 0x78, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x41, 0x6e, 0x6d, 0x00, 0x60, 0x2b, 0x07, 0xf7};
    msg_allow_t m;
    const uint8_t *body = vector_body("allow, uptime beyond 32 bits", frame, sizeof frame, MSG_ALLOW, 9, MSG_ALLOW_BYTES);
    msg_allow_read(body, &m);
    CHECK(m.boot == 16777215UL);
    CHECK(m.seq == 4294967295UL);
    CHECK(m.seen == 16777215UL);
    CHECK(m.live_until.low == 9000UL && m.live_until.high == 1);
    CHECK(m.button_until.low == 4294967295UL && m.button_until.high == 255);
    CHECK(m.button_ms == 900000UL);
    CHECK(m.flags == 0);
    uint8_t again[MSG_ALLOW_BYTES];
    msg_allow_write(again, &m);
    vector_written(frame, sizeof frame, MSG_ALLOW, 9, again, sizeof again);
}

/* mute by the command line */
static void vector_5(void)
{
    static const uint8_t frame[] = {0xf0, 0x03, 0x10, 0x14, 0x14, 0x00, 0x00, 0x00, 0x40, 0x0a, 0x71, 0x53, 0x00, 0xf7};
    msg_mute_t m;
    const uint8_t *body = vector_body("mute by the command line", frame, sizeof frame, MSG_MUTE, 10, MSG_MUTE_BYTES);
    msg_mute_read(body, &m);
    CHECK(m.seq == 5UL);
    CHECK(m.reason == 21);
    uint8_t again[MSG_MUTE_BYTES];
    msg_mute_write(again, &m);
    vector_written(frame, sizeof frame, MSG_MUTE, 10, again, sizeof again);
}

/* mute as the controller stops */
static void vector_6(void)
{
    static const uint8_t frame[] = {0xf0, 0x03, 0x10, 0x16, 0x7c, 0x7f, 0x7f, 0x7f, 0x7f, 0x0b, 0x54, 0x65, 0x02, 0xf7};
    msg_mute_t m;
    const uint8_t *body = vector_body("mute as the controller stops", frame, sizeof frame, MSG_MUTE, 11, MSG_MUTE_BYTES);
    msg_mute_read(body, &m);
    CHECK(m.seq == 4294967295UL);
    CHECK(m.reason == 23);
    uint8_t again[MSG_MUTE_BYTES];
    msg_mute_write(again, &m);
    vector_written(frame, sizeof frame, MSG_MUTE, 11, again, sizeof again);
}

/* lock */
static void vector_7(void)
{
    static const uint8_t frame[] = {0xf0, 0x04, 0x10, 0x18, 0x0c, 0x00, 0x00, 0x20, 0x02, 0x00, 0x00, 0x00, 0x40, 0x2d, 0x02, 0xf7};
    msg_lock_t m;
    const uint8_t *body = vector_body("lock", frame, sizeof frame, MSG_LOCK, 12, MSG_LOCK_BYTES);
    msg_lock_read(body, &m);
    CHECK(m.boot == 3UL);
    CHECK(m.seq == 9UL);
    uint8_t again[MSG_LOCK_BYTES];
    msg_lock_write(again, &m);
    vector_written(frame, sizeof frame, MSG_LOCK, 12, again, sizeof again);
}

/* setting, write */
static void vector_8(void)
{
    static const uint8_t frame[] = {0xf0, 0x05, 0x10, 0x1a, 0x0c, 0x00, 0x00, 0x40, 0x02, 0x00, 0x00, 0x00, 0x04, 0x10, 0x00, 0x64, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x09, 0x79, 0xf7};
    msg_setting_t m;
    const uint8_t *body = vector_body("setting, write", frame, sizeof frame, MSG_SETTING, 13, MSG_SETTING_BYTES);
    msg_setting_read(body, &m);
    CHECK(m.boot == 3UL);
    CHECK(m.seq == 10UL);
    CHECK(m.op == 1);
    CHECK(m.setting == 2UL);
    CHECK(memcmp(m.value, (const uint8_t[8]){0x20, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}, 8) == 0);
    uint8_t again[MSG_SETTING_BYTES];
    msg_setting_write(again, &m);
    vector_written(frame, sizeof frame, MSG_SETTING, 13, again, sizeof again);
}

/* setting, read */
static void vector_9(void)
{
    static const uint8_t frame[] = {0xf0, 0x05, 0x10, 0x1c, 0x0c, 0x00, 0x00, 0x60, 0x02, 0x00, 0x00, 0x00, 0x00, 0x60, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x60, 0x3b, 0x1b, 0xf7};
    msg_setting_t m;
    const uint8_t *body = vector_body("setting, read", frame, sizeof frame, MSG_SETTING, 14, MSG_SETTING_BYTES);
    msg_setting_read(body, &m);
    CHECK(m.boot == 3UL);
    CHECK(m.seq == 11UL);
    CHECK(m.op == 0);
    CHECK(m.setting == 12UL);
    CHECK(memcmp(m.value, (const uint8_t[8]){0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}, 8) == 0);
    uint8_t again[MSG_SETTING_BYTES];
    msg_setting_write(again, &m);
    vector_written(frame, sizeof frame, MSG_SETTING, 14, again, sizeof again);
}

/* stored */
static void vector_10(void)
{
    static const uint8_t frame[] = {0xf0, 0x06, 0x10, 0x1e, 0x0c, 0x00, 0x00, 0x00, 0x5c, 0x08, 0x01, 0x58, 0x0c, 0x06, 0xf7};
    msg_stored_t m;
    const uint8_t *body = vector_body("stored", frame, sizeof frame, MSG_STORED, 15, MSG_STORED_BYTES);
    msg_stored_read(body, &m);
    CHECK(m.boot == 3UL);
    CHECK(m.event == 70000UL);
    uint8_t again[MSG_STORED_BYTES];
    msg_stored_write(again, &m);
    vector_written(frame, sizeof frame, MSG_STORED, 15, again, sizeof again);
}

/* identity */
static void vector_11(void)
{
    static const uint8_t frame[] = {0xf0, 0x08, 0x10, 0x00, 0x0c, 0x00, 0x00, 0x60, 0x3b, 0x5f, 0x2d, 0x3d, 0x03, 0x08, 0x00, 0x20, 0x40, 0x35, 0x69, 0x68, 0x0d, 0x43, 0x56, 0x4c, 0x1b, 0x00, 0x03, 0x04, 0x04, 0x08, 0x67, 0x01, 0xf7};
    msg_identity_t m;
    const uint8_t *body = vector_body("identity", frame, sizeof frame, MSG_IDENTITY, 0, MSG_IDENTITY_BYTES);
    msg_identity_read(body, &m);
    CHECK(m.boot == 3UL);
    CHECK(m.schema == 3735928559UL);
    CHECK(m.firmware == 256UL);
    CHECK(m.product == 1);
    CHECK(memcmp(m.gate, (const uint8_t[8]){0x6b, 0x69, 0x74, 0x63, 0x68, 0x65, 0x6e, 0x00}, 8) == 0);
    CHECK(m.reset == 3);
    CHECK(m.brown_out == 2);
    CHECK(m.flags == 1);
    uint8_t again[MSG_IDENTITY_BYTES];
    msg_identity_write(again, &m);
    vector_written(frame, sizeof frame, MSG_IDENTITY, 0, again, sizeof again);
}

/* state, muted */
static void vector_12(void)
{
    static const uint8_t frame[] = {0xf0, 0x09, 0x10, 0x02, 0x0c, 0x00, 0x00, 0x00, 0x10, 0x71, 0x01, 0x00, 0x00, 0x08, 0x10, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x11, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x6a, 0x29, 0x00, 0xf7};
    msg_state_t m;
    const uint8_t *body = vector_body("state, muted", frame, sizeof frame, MSG_STATE, 1, MSG_STATE_BYTES);
    msg_state_read(body, &m);
    CHECK(m.boot == 3UL);
    CHECK(m.uptime.low == 123456UL && m.uptime.high == 0);
    CHECK(m.phase == 1);
    CHECK(m.reason == 1);
    CHECK(m.lease_left_ms == 0UL);
    CHECK(m.flags == 4);
    CHECK(m.fault == 0);
    CHECK(m.inputs == 16UL);
    CHECK(m.newest == 1UL);
    CHECK(m.live_ms.low == 0UL && m.live_ms.high == 0);
    CHECK(m.lost == 0UL);
    uint8_t again[MSG_STATE_BYTES];
    msg_state_write(again, &m);
    vector_written(frame, sizeof frame, MSG_STATE, 1, again, sizeof again);
}

/* state, live */
static void vector_13(void)
{
    static const uint8_t frame[] = {0xf0, 0x09, 0x10, 0x04, 0x0c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x20, 0x20, 0x61, 0x49, 0x11, 0x00, 0x18, 0x00, 0x08, 0x73, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x3f, 0x21, 0x15, 0x01, 0xf7};
    msg_state_t m;
    const uint8_t *body = vector_body("state, live", frame, sizeof frame, MSG_STATE, 2, MSG_STATE_BYTES);
    msg_state_read(body, &m);
    CHECK(m.boot == 3UL);
    CHECK(m.uptime.low == 0UL && m.uptime.high == 2);
    CHECK(m.phase == 4);
    CHECK(m.reason == 10);
    CHECK(m.lease_left_ms == 8999UL);
    CHECK(m.flags == 12);
    CHECK(m.fault == 0);
    CHECK(m.inputs == 49UL);
    CHECK(m.newest == 16777215UL);
    CHECK(m.live_ms.low == 4294967295UL && m.live_ms.high == 255);
    CHECK(m.lost == 255UL);
    uint8_t again[MSG_STATE_BYTES];
    msg_state_write(again, &m);
    vector_written(frame, sizeof frame, MSG_STATE, 2, again, sizeof again);
}

/* state, fault */
static void vector_14(void)
{
    static const uint8_t frame[] = {0xf0, 0x09, 0x10, 0x06, 0x0c, 0x00, 0x00, 0x20, 0x01, 0x00, 0x00, 0x00, 0x00, 0x08, 0x10, 0x04, 0x00, 0x00, 0x00, 0x3a, 0x70, 0x01, 0x20, 0x00, 0x00, 0x00, 0x46, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x4f, 0x6b, 0x01, 0xf7};
    msg_state_t m;
    const uint8_t *body = vector_body("state, fault", frame, sizeof frame, MSG_STATE, 3, MSG_STATE_BYTES);
    msg_state_read(body, &m);
    CHECK(m.boot == 3UL);
    CHECK(m.uptime.low == 5UL && m.uptime.high == 0);
    CHECK(m.phase == 1);
    CHECK(m.reason == 33);
    CHECK(m.lease_left_ms == 0UL);
    CHECK(m.flags == 29);
    CHECK(m.fault == 60);
    CHECK(m.inputs == 0UL);
    CHECK(m.newest == 2UL);
    CHECK(m.live_ms.low == 70UL && m.live_ms.high == 0);
    CHECK(m.lost == 0UL);
    uint8_t again[MSG_STATE_BYTES];
    msg_state_write(again, &m);
    vector_written(frame, sizeof frame, MSG_STATE, 3, again, sizeof again);
}

/* event */
static void vector_15(void)
{
    static const uint8_t frame[] = {0xf0, 0x0a, 0x10, 0x08, 0x44, 0x00, 0x00, 0x60, 0x00, 0x00, 0x00, 0x70, 0x0a, 0x0c, 0x00, 0x00, 0x00, 0x01, 0x0b, 0x20, 0x7e, 0x0a, 0x30, 0x6b, 0x1a, 0xf7};
    msg_event_t m;
    const uint8_t *body = vector_body("event", frame, sizeof frame, MSG_EVENT, 4, MSG_EVENT_BYTES);
    msg_event_read(body, &m);
    CHECK(m.seq == 17UL);
    CHECK(m.boot == 3UL);
    CHECK(m.uptime.low == 99000UL && m.uptime.high == 0);
    CHECK(m.kind == 2);
    CHECK(m.reason == 11);
    CHECK(m.detail == 90000UL);
    uint8_t again[MSG_EVENT_BYTES];
    msg_event_write(again, &m);
    vector_written(frame, sizeof frame, MSG_EVENT, 4, again, sizeof again);
}

/* nak */
static void vector_16(void)
{
    static const uint8_t frame[] = {0xf0, 0x0b, 0x10, 0x0a, 0x08, 0x18, 0x20, 0x20, 0x00, 0x00, 0x30, 0x06, 0x45, 0x06, 0xf7};
    msg_nak_t m;
    const uint8_t *body = vector_body("nak", frame, sizeof frame, MSG_NAK, 5, MSG_NAK_BYTES);
    msg_nak_read(body, &m);
    CHECK(m.message == 2UL);
    CHECK(m.seq == 66051UL);
    CHECK(m.reason == 48);
    uint8_t again[MSG_NAK_BYTES];
    msg_nak_write(again, &m);
    vector_written(frame, sizeof frame, MSG_NAK, 5, again, sizeof again);
}

/* value */
static void vector_17(void)
{
    static const uint8_t frame[] = {0xf0, 0x0c, 0x10, 0x0c, 0x0c, 0x08, 0x40, 0x07, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x76, 0x76, 0xf7};
    msg_value_t m;
    const uint8_t *body = vector_body("value", frame, sizeof frame, MSG_VALUE, 6, MSG_VALUE_BYTES);
    msg_value_read(body, &m);
    CHECK(m.setting == 3UL);
    CHECK(m.status == 1);
    CHECK(memcmp(m.value, (const uint8_t[8]){0x3c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}, 8) == 0);
    uint8_t again[MSG_VALUE_BYTES];
    msg_value_write(again, &m);
    vector_written(frame, sizeof frame, MSG_VALUE, 6, again, sizeof again);
}

static void all_vectors(void)
{
    vector_0();
    vector_1();
    vector_2();
    vector_3();
    vector_4();
    vector_5();
    vector_6();
    vector_7();
    vector_8();
    vector_9();
    vector_10();
    vector_11();
    vector_12();
    vector_13();
    vector_14();
    vector_15();
    vector_16();
    vector_17();
}
