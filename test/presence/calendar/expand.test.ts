/** Which events an ICS text comes to at a site, whatever the zone of this process is. */
import { describe, expect, test } from '@jest/globals';
import { eventsOf, ics } from './ics.ts';

const AUTUMN = ['2026-10-20', '2026-11-03'] as const;

describe('times', () => {
  test('UTC, a named zone, none, and a date', () => {
    const text = ics(
      'SUMMARY:utc\nDTSTART:20261103T100000Z\nDTEND:20261103T110000Z',
      'SUMMARY:named\nDTSTART;TZID=America/New_York:20261103T100000\nDURATION:PT45M',
      'SUMMARY:floating\nDTSTART:20261103T100000\nDTEND:20261103T110000',
      'SUMMARY:day\nDTSTART;VALUE=DATE:20261103',
      'SUMMARY:days\nDTSTART;VALUE=DATE:20261103\nDTEND;VALUE=DATE:20261105',
      'SUMMARY:same day\nDTSTART;VALUE=DATE:20261103\nDTEND;VALUE=DATE:20261103',
    );
    expect(eventsOf(text, 'Europe/Berlin', '2026-11-01', '2026-11-10')).toEqual([
      'day 2026-11-02T23:00/2026-11-03T23:00',
      'same day 2026-11-02T23:00/2026-11-03T23:00',
      'days 2026-11-02T23:00/2026-11-04T23:00',
      'floating 2026-11-03T09:00/2026-11-03T10:00',
      'utc 2026-11-03T10:00/2026-11-03T11:00',
      'named 2026-11-03T15:00/2026-11-03T15:45',
    ]);
  });

  test('a day is as long as it is at the site', () => {
    const text = ics('SUMMARY:off\nDTSTART;VALUE=DATE:20261025\nDTEND;VALUE=DATE:20261026');
    expect(eventsOf(text, 'Europe/Berlin', ...AUTUMN)).toEqual(['off 2026-10-24T22:00/2026-10-25T23:00']);
    expect(eventsOf(text, 'Pacific/Kiritimati', ...AUTUMN)).toEqual([
      'off 2026-10-24T10:00/2026-10-25T10:00',
    ]);
    // Midnight comes twice on this day in Havana, and is left out on that one in Beirut.
    const november = ics('SUMMARY:off\nDTSTART;VALUE=DATE:20261101');
    expect(eventsOf(november, 'America/Havana', ...AUTUMN)).toEqual([
      'off 2026-11-01T04:00/2026-11-02T05:00',
    ]);
    const march = ics('SUMMARY:off\nDTSTART;VALUE=DATE:20260329');
    expect(eventsOf(march, 'Asia/Beirut', '2026-03-20', '2026-04-03')).toEqual([
      'off 2026-03-28T22:00/2026-03-29T21:00',
    ]);
  });

  test('past midnight, over the edge of what is looked at, and none that takes no time', () => {
    const text = ics(
      'SUMMARY:night\nDTSTART:20261019T220000Z\nDTEND:20261020T060000Z',
      'SUMMARY:long\nDTSTART;VALUE=DATE:20200101\nDTEND;VALUE=DATE:20300101',
      'SUMMARY:over\nDTSTART:20261019T220000Z\nDTEND:20261020T000000Z',
      'SUMMARY:reminder\nDTSTART:20261021T220000Z',
      'SUMMARY:nothing\nDTSTART:20261021T220000Z\nDTEND:20261021T220000Z',
    );
    expect(eventsOf(text, 'UTC', ...AUTUMN)).toEqual([
      'long 2020-01-01T00:00/2030-01-01T00:00',
      'night 2026-10-19T22:00/2026-10-20T06:00',
    ]);
  });

  test.each([
    ['Europe/Berlin', '2026-11-03T09:00'],
    ['W. Europe Standard Time', '2026-11-03T09:00'],
    ['eastern standard time', '2026-11-03T15:00'],
    ['Lord Howe Standard Time', '2026-11-02T23:00'],
    ['/mozilla.org/20050126_1/America/Argentina/Buenos_Aires', '2026-11-03T13:00'],
    ['/freeassociation.sourceforge.net/Europe/Berlin', '2026-11-03T09:00'],
    ['tzone://Microsoft/Utc', '2026-11-03T10:00'],
    ['GMT', '2026-11-03T10:00'],
  ])('the zone %s', (tzid, start) => {
    const text = ics(`SUMMARY:x\nDTSTART;TZID="${tzid}":20261103T100000\nDURATION:PT1H`);
    expect(eventsOf(text, 'Asia/Tokyo', '2026-11-01', '2026-11-05')).toEqual([
      expect.stringContaining(`x ${start}/`),
    ]);
  });

  test('a zone that only the calendar knows goes by its definition, one with a known name does not', () => {
    const wrong = `
      BEGIN:VTIMEZONE
      TZID:%
      BEGIN:STANDARD
      DTSTART:16010101T020000
      TZOFFSETFROM:+0900
      TZOFFSETTO:+0800
      RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
      END:STANDARD
      BEGIN:DAYLIGHT
      DTSTART:16010101T010000
      TZOFFSETFROM:+0800
      TZOFFSETTO:+0900
      RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
      END:DAYLIGHT
      END:VTIMEZONE`;
    const weekly = (tzid: string) =>
      ics(
        wrong.replace('%', tzid),
        `SUMMARY:x\nDTSTART;TZID=${tzid}:20261022T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20261029T235959Z`,
      );
    expect(eventsOf(weekly('Customized Time Zone'), 'UTC', ...AUTUMN)).toEqual([
      'x 2026-10-22T01:00/2026-10-22T02:00',
      'x 2026-10-29T02:00/2026-10-29T03:00',
    ]);
    expect(eventsOf(weekly('Europe/Berlin'), 'UTC', ...AUTUMN)).toEqual([
      'x 2026-10-22T08:00/2026-10-22T09:00',
      'x 2026-10-29T09:00/2026-10-29T10:00',
    ]);
    const named = wrong.replace('%', 'My zone\nX-LIC-LOCATION:America/New_York');
    expect(
      eventsOf(
        ics(named, 'SUMMARY:x\nDTSTART;TZID=My zone:20261022T100000\nDURATION:PT1H'),
        'UTC',
        ...AUTUMN,
      ),
    ).toEqual(['x 2026-10-22T14:00/2026-10-22T15:00']);
  });

  test('nothing of it takes hold of the terminal that shows it', () => {
    const esc = '\u001b]0;x\u0007';
    for (const event of [`DTSTART;TZID=${esc}:20261103T100000`, `DTSTART:${esc}`, `DTSTART:2026${esc}`]) {
      const shown = eventsOf(ics(`SUMMARY:${esc}\n${event}\nDURATION:PT1H`), 'UTC', ...AUTUMN);
      expect(shown).not.toMatch(/\p{C}/u);
    }
  });

  test('S4: a zone that nobody knows makes the calendar unknown while such an event may take place', () => {
    const text = ics('SUMMARY:Call\nDTSTART;TZID=Middle Earth:20261103T100000\nDURATION:PT1H');
    const why = 'event “Call”: nobody knows its time zone `Middle Earth`';
    expect(eventsOf(text, 'UTC', ...AUTUMN)).toEqual(why);
    expect(eventsOf(text, 'UTC', '2026-11-03', '2026-11-09')).toEqual(why);
    expect(eventsOf(text, 'UTC', '2026-11-05', '2026-11-09')).toEqual([]);
    // Nor does it matter to a rule that is about other events.
    expect(eventsOf(text, 'UTC', ...AUTUMN, 'interview')).toEqual([]);
  });
});

describe('repetitions', () => {
  test.each([
    ['America/New_York', '2026-10-29T13:30', '2026-11-05T14:30'],
    ['Europe/Berlin', '2026-10-29T08:30', '2026-11-05T08:30'],
    ['Australia/Lord_Howe', '2026-10-28T22:30', '2026-11-04T22:30'],
  ])('every week at half past nine in %s, over a clock change', (zone, first, second) => {
    const text = ics(`SUMMARY:x\nDTSTART;TZID=${zone}:20200102T093000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY`);
    const at = (start: string) => expect.stringContaining(`x ${start}/`);
    expect(eventsOf(text, 'UTC', '2026-10-27', '2026-11-08')).toEqual([at(first), at(second)]);
  });

  test('over the change of clocks at Lord Howe, which is half an hour', () => {
    const text = ics(
      'SUMMARY:x\nDTSTART;TZID=Australia/Lord_Howe:20260402T220000\nDTEND;TZID=Australia/Lord_Howe:20260403T060000\nRRULE:FREQ=DAILY;COUNT=4',
    );
    // It ends at six by the clock on each of these nights, of which one is longer.
    expect(eventsOf(text, 'UTC', '2026-04-01', '2026-04-10')).toEqual([
      'x 2026-04-02T11:00/2026-04-02T19:00',
      'x 2026-04-03T11:00/2026-04-03T19:00',
      'x 2026-04-04T11:00/2026-04-04T19:30',
      'x 2026-04-05T11:30/2026-04-05T19:30',
    ]);
  });

  test('in a gap it begins as much later as the gap is long, in a repeated hour the first time', () => {
    const daily = (day: string) =>
      ics(`SUMMARY:x\nDTSTART;TZID=Europe/Berlin:${day}T023000\nDURATION:PT15M\nRRULE:FREQ=DAILY;COUNT=2`);
    expect(eventsOf(daily('20260328'), 'UTC', '2026-03-20', '2026-04-03')).toEqual([
      'x 2026-03-28T01:30/2026-03-28T01:45',
      'x 2026-03-29T01:30/2026-03-29T01:45',
    ]);
    expect(eventsOf(daily('20261024'), 'UTC', ...AUTUMN)).toEqual([
      'x 2026-10-24T00:30/2026-10-24T00:45',
      'x 2026-10-25T00:30/2026-10-25T00:45',
    ]);
  });

  test('every hour, also in the hour that comes twice', () => {
    const text = ics(
      'SUMMARY:x\nDTSTART;TZID=Europe/Berlin:20261025T000000\nDURATION:PT10M\nRRULE:FREQ=HOURLY;UNTIL=20261025T040000',
    );
    expect((eventsOf(text, 'UTC', ...AUTUMN) as string[]).map((each) => each.slice(2, 18))).toEqual([
      '2026-10-24T22:00',
      '2026-10-24T23:00',
      '2026-10-25T00:00',
      '2026-10-25T01:00',
      '2026-10-25T02:00',
      '2026-10-25T03:00',
    ]);
  });

  test.each([
    ['COUNT=3', 3],
    ['UNTIL=20261022T080000Z', 3],
    ['UNTIL=20261022T075959Z', 2],
    ['UNTIL=20261022T100000', 3],
    ['UNTIL=20261022', 3],
    ['UNTIL=20261021T235959Z', 2],
    ['INTERVAL=2;COUNT=3', 3],
  ])('DAILY;%s', (end, count) => {
    const text = ics(
      `SUMMARY:x\nDTSTART;TZID=Europe/Berlin:20261020T100000\nDURATION:PT1H\nRRULE:FREQ=DAILY;${end}`,
    );
    expect(eventsOf(text, 'UTC', ...AUTUMN)).toHaveLength(count);
  });

  test('all-day repetitions end with the day that UNTIL names', () => {
    for (const until of ['20261022', '20261022T000000Z', '20261022T235959Z'])
      expect(
        eventsOf(
          ics(`SUMMARY:x\nDTSTART;VALUE=DATE:20261020\nRRULE:FREQ=DAILY;UNTIL=${until}`),
          'America/New_York',
          ...AUTUMN,
        ),
      ).toEqual([
        'x 2026-10-20T04:00/2026-10-21T04:00',
        'x 2026-10-21T04:00/2026-10-22T04:00',
        'x 2026-10-22T04:00/2026-10-23T04:00',
      ]);
  });

  test('the last Friday, the second workday, a week that begins on Sunday', () => {
    const of = (start: string, rule: string) =>
      (
        eventsOf(
          ics(`SUMMARY:x\nDTSTART:${start}T100000Z\nDURATION:PT1H\nRRULE:${rule}`),
          'UTC',
          '2026-10-01',
          '2026-12-01',
        ) as string[]
      ).map((each) => each.slice(7, 12));
    expect(of('20260130', 'FREQ=MONTHLY;BYDAY=-1FR')).toEqual(['10-30', '11-27']);
    expect(of('20260102', 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=2')).toEqual(['10-02', '11-03']);
    expect(of('20261006', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU;COUNT=4')).toEqual([
      '10-06',
      '10-18',
      '10-20',
      '11-01',
    ]);
  });

  test('exceptions by instant, by another zone, by day; and dates beside the rule', () => {
    const text = ics(`
      SUMMARY:x
      DTSTART;TZID=Europe/Berlin:20261020T100000
      DURATION:PT1H
      RRULE:FREQ=DAILY;COUNT=6
      EXDATE;TZID=Europe/Berlin:20261021T100000,20261022T110000
      EXDATE:20261023T080000Z
      EXDATE;VALUE=DATE:20261024
      RDATE;TZID=Europe/Berlin:20261030T120000
      RDATE;VALUE=PERIOD:20261031T120000Z/PT5M,20261031T130000Z/20261031T133000Z`);
    expect(eventsOf(text, 'UTC', ...AUTUMN)).toEqual([
      'x 2026-10-20T08:00/2026-10-20T09:00',
      'x 2026-10-22T08:00/2026-10-22T09:00',
      'x 2026-10-25T09:00/2026-10-25T10:00',
      'x 2026-10-30T11:00/2026-10-30T12:00',
      'x 2026-10-31T12:00/2026-10-31T12:05',
      'x 2026-10-31T13:00/2026-10-31T13:30',
    ]);
  });

  test('instances that are moved, cancelled, renamed, and moved in from far away and out of sight', () => {
    const master = `
      UID:a
      SUMMARY:Standup
      DTSTART;TZID=Europe/Berlin:20261019T100000
      DTEND;TZID=Europe/Berlin:20261019T103000
      RRULE:FREQ=DAILY`;
    const instead = (id: string, rest: string) => `UID:a\nRECURRENCE-ID;TZID=Europe/Berlin:${id}\n${rest}`;
    const text = ics(
      instead('20261021T100000', 'SUMMARY:Standup\nDTSTART:20261021T150000Z\nDURATION:PT1H'),
      master,
      instead('20261022T100000', 'SUMMARY:Standup\nSTATUS:CANCELLED\nDTSTART:20261022T080000Z'),
      instead('20261023T100000', 'SUMMARY:Interview\nDTSTART:20261023T080000Z\nDURATION:PT1H'),
      instead('20261020T100000', 'SUMMARY:Standup\nDTSTART:20270101T080000Z\nDURATION:PT1H'),
      instead('20270303T100000', 'SUMMARY:Standup\nDTSTART:20261024T190000Z\nDURATION:PT1H'),
    );
    expect(eventsOf(text, 'UTC', '2026-10-20', '2026-10-25', 'standup')).toEqual([
      'Standup 2026-10-21T15:00/2026-10-21T16:00',
      'Standup 2026-10-24T08:00/2026-10-24T08:30',
      'Standup 2026-10-24T19:00/2026-10-24T20:00',
    ]);
    expect(eventsOf(text, 'UTC', '2026-10-20', '2026-10-25', 'interview')).toEqual([
      'Interview 2026-10-23T08:00/2026-10-23T09:00',
    ]);
  });

  test('an instance without its series, an instance of all-day events, and two versions of an event', () => {
    const text = ics(
      'UID:a\nSUMMARY:invited\nRECURRENCE-ID:20261021T080000Z\nDTSTART:20261021T090000Z\nDURATION:PT1H',
      'UID:b\nSUMMARY:off\nDTSTART;VALUE=DATE:20261021\nRRULE:FREQ=DAILY;COUNT=3',
      'UID:b\nSUMMARY:off\nRECURRENCE-ID;VALUE=DATE:20261022\nDTSTART;VALUE=DATE:20261028',
      'UID:c\nSUMMARY:old\nSEQUENCE:0\nDTSTART:20261021T120000Z\nDURATION:PT1H',
      'UID:c\nSUMMARY:new\nSEQUENCE:2\nDTSTART:20261021T130000Z\nDURATION:PT1H',
    );
    expect(eventsOf(text, 'UTC', ...AUTUMN)).toEqual([
      'off 2026-10-21T00:00/2026-10-22T00:00',
      'invited 2026-10-21T09:00/2026-10-21T10:00',
      'new 2026-10-21T13:00/2026-10-21T14:00',
      'off 2026-10-23T00:00/2026-10-24T00:00',
      'off 2026-10-28T00:00/2026-10-29T00:00',
    ]);
  });
});

describe('as the great services write them', () => {
  const at = (text: string) => eventsOf(text, 'Asia/Tokyo', '2026-11-02', '2026-11-21');

  test('Google', () => {
    const text = [
      'BEGIN:VCALENDAR',
      'PRODID:-//Google Inc//Google Calendar 70.9054//EN',
      'VERSION:2.0',
      'CALSCALE:GREGORIAN',
      'METHOD:PUBLISH',
      'X-WR-CALNAME:Anna',
      'X-WR-TIMEZONE:Europe/Berlin',
      'BEGIN:VTIMEZONE',
      'TZID:Europe/Berlin',
      'X-LIC-LOCATION:Europe/Berlin',
      'BEGIN:STANDARD',
      'TZOFFSETFROM:+0200',
      'TZOFFSETTO:+0100',
      'TZNAME:GMT+1',
      'DTSTART:19701025T030000',
      'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
      'END:STANDARD',
      'END:VTIMEZONE',
      'BEGIN:VEVENT',
      'DTSTART;TZID=Europe/Berlin:20260302T093000',
      'DTEND;TZID=Europe/Berlin:20260302T094500',
      'RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20261116T225959Z;BYDAY=MO',
      'EXDATE;TZID=Europe/Berlin:20261109T093000',
      'DTSTAMP:20261020T101010Z',
      'UID:abc@google.com',
      'ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN="Ben: B;',
      ' x";X-NUM-GUESTS=0:mailto:ben@example.com',
      'DESCRIPTION:Join\\n\\nhttps://meet.example/x\\, or by phone',
      'LOCATION:',
      'SEQUENCE:1',
      'STATUS:CONFIRMED',
      'SUMMARY:Stand',
      ' up',
      'TRANSP:OPAQUE',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'DTSTART;TZID=Europe/Berlin:20261116T150000',
      'DTEND;TZID=Europe/Berlin:20261116T151500',
      'UID:abc@google.com',
      'RECURRENCE-ID;TZID=Europe/Berlin:20261116T093000',
      'SUMMARY:Standup',
      'SEQUENCE:2',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'DTSTART;VALUE=DATE:20261111',
      'DTEND;VALUE=DATE:20261112',
      'UID:birthday@google.com',
      'SUMMARY:Birthday',
      'TRANSP:TRANSPARENT',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ].join('\r\n');
    expect(at(text)).toEqual([
      'Standup 2026-11-02T08:30/2026-11-02T08:45',
      'Birthday 2026-11-10T15:00/2026-11-11T15:00',
      'Standup 2026-11-16T14:00/2026-11-16T14:15',
    ]);
  });

  test('Outlook', () => {
    const text = [
      '\uFEFFBEGIN:VCALENDAR',
      'METHOD:PUBLISH',
      'PRODID:Microsoft Exchange Server 2010',
      'VERSION:2.0',
      'BEGIN:VTIMEZONE',
      'TZID:W. Europe Standard Time',
      'BEGIN:STANDARD',
      'DTSTART:16010101T030000',
      'TZOFFSETFROM:+0200',
      'TZOFFSETTO:+0100',
      'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10',
      'END:STANDARD',
      'END:VTIMEZONE',
      'BEGIN:VEVENT',
      'RRULE:FREQ=WEEKLY;UNTIL=20261112T083000Z;INTERVAL=1;BYDAY=TU,TH;WKST=MO',
      'EXDATE;TZID=W. Europe Standard Time:20261105T093000,20261110T093000',
      'UID:040000008200E00074C5B7101A82E008',
      'SUMMARY;LANGUAGE=de-DE:Vorstellungsgespräch',
      'DTSTART;TZID=W. Europe Standard Time:20261027T093000',
      'DTEND;TZID=W. Europe Standard Time:20261027T103000',
      'CLASS:PUBLIC',
      'PRIORITY:5',
      'TRANSP:OPAQUE',
      'STATUS:CONFIRMED',
      'SEQUENCE:0',
      'X-MICROSOFT-CDO-BUSYSTATUS:BUSY',
      'X-MICROSOFT-CDO-ALLDAYEVENT:FALSE',
      'BEGIN:VALARM',
      'DESCRIPTION:REMINDER',
      'TRIGGER;RELATED=START:-PT15M',
      'ACTION:DISPLAY',
      'END:VALARM',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'UID:2',
      'SUMMARY:Urlaub',
      'DTSTART;TZID="tzone://Microsoft/Utc":20261118T000000',
      'DTEND;TZID="tzone://Microsoft/Utc":20261119T000000',
      'END:VEVENT',
      'END:VCALENDAR',
    ].join('\r\n');
    expect(at(text)).toEqual([
      'Vorstellungsgespräch 2026-11-03T08:30/2026-11-03T09:30',
      'Vorstellungsgespräch 2026-11-12T08:30/2026-11-12T09:30',
      'Urlaub 2026-11-18T00:00/2026-11-19T00:00',
    ]);
  });

  test('iCloud, whose exceptions name no zone', () => {
    const text = [
      'BEGIN:VCALENDAR',
      'CALSCALE:GREGORIAN',
      'PRODID:-//Apple Inc.//macOS 15.0//EN',
      'VERSION:2.0',
      'X-APPLE-CALENDAR-COLOR:#34AADC',
      'BEGIN:VEVENT',
      'CREATED:20260101T000000Z',
      'DTEND;TZID=America/New_York:20261031T010000',
      'DTSTAMP:20260101T000000Z',
      'DTSTART;TZID=America/New_York:20261030T233000',
      'EXDATE:20261102T233000',
      'LAST-MODIFIED:20260101T000000Z',
      'LOCATION:Home\\n1 Main St',
      'RRULE:FREQ=DAILY;COUNT=6',
      'SEQUENCE:0',
      'SUMMARY:Night call',
      'UID:9D5B7A0C',
      'URL;VALUE=URI:https://example.com/a;b',
      'X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-APPLE-RADIUS=70;X-TITLE="Home\\n1":geo:40.1,-73.1',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ].join('\n');
    expect(at(text)).toEqual([
      'Night call 2026-11-02T04:30/2026-11-02T06:00',
      'Night call 2026-11-04T04:30/2026-11-04T06:00',
      'Night call 2026-11-05T04:30/2026-11-05T06:00',
    ]);
  });
});

describe('which events count', () => {
  const text = ics(
    'SUMMARY:Budget call\nDTSTART:20261021T100000Z\nDURATION:PT1H',
    'SUMMARY:x\nCATEGORIES:Work\\, all,Interview\nDTSTART:20261021T110000Z\nDURATION:PT1H',
    'SUMMARY:y\nLOCATION:Straße 1\nDTSTART:20261021T120000Z\nDURATION:PT1H',
    'SUMMARY:z\nDESCRIPTION:call\nDTSTART:20261021T130000Z\nDURATION:PT1H',
    'SUMMARY:cancelled call\nSTATUS:CANCELLED\nDTSTART:20261021T140000Z\nDURATION:PT1H',
    'SUMMARY:free call\nTRANSP:TRANSPARENT\nDTSTART:20261021T150000Z\nDURATION:PT1H',
  );
  test.each([
    ['CALL', ['Budget call', 'free call']],
    ['/call|interview/i', ['Budget call', 'x', 'free call']],
    ['/CALL/', []],
    ['work, all', ['x']],
    ['straße', ['y']],
    ['/^[xy]$/', ['x', 'y']],
    ['a/b', []],
  ])('match: %s', (match, titles) => {
    const found = eventsOf(text, 'UTC', ...AUTUMN, match) as string[];
    expect(found.map((each) => each.slice(0, -34))).toEqual(titles);
  });

  test('without `match` all but those that are cancelled, also those marked as free', () => {
    expect(eventsOf(text, 'UTC', ...AUTUMN)).toHaveLength(5);
  });
});
