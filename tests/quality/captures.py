"""Walks as files, like the measured ones: NAME.btsnoop (BlueZ monitor format), NAME.profiles.jsonl, NAME.truth.json.

Instants are unix seconds in what is read, and seconds from START in what is simulated.
"""
import json
import pathlib
import struct
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/tools"))
import shop_morning

START_S = shop_morning.START.timestamp()
FILE_HEADER = b"btsnoop\0" + struct.pack(">II", 1, 2001)
RECORD = struct.Struct(">IIIIQ")  # octets here, octets once, adapter and opcode, drops, microseconds since year 0
RSSI_UNAVAILABLE = 127  # Core 5.4, Vol 4 Part E, 7.7.65.2
IBEACON = b"\xff\x4c\x00\x02\x15"
EVENT_TYPE_ADV_NONCONN_IND, RANDOM_ADDRESS = 3, 1


def report_octets(address, data, rssi_dbm):
    """An LE Advertising Report as an HCI event (Core 5.4, Vol 4 Part E, 7.7.65.2)."""
    report = (bytes([EVENT_TYPE_ADV_NONCONN_IND, RANDOM_ADDRESS]) + address[::-1] + bytes([len(data)]) + data +
              struct.pack("b", rssi_dbm))
    return bytes([0x3E, len(report) + 2, 2, 1]) + report


def write_capture(target, scanners, reports):
    """reports: (second from START, scanner, octets) in the order of the file."""
    with open(target, "wb") as capture:
        capture.write(FILE_HEADER)
        for index in range(scanners):
            name = bytes([0, 1, index + 1, 0, 0, 0xDC, 0x1B, 0]) + b"hci%d\0\0\0\0" % index
            capture.write(shop_morning.record(0, index, shop_morning.NEW_INDEX, name))
        for second, scanner, octets in reports:
            capture.write(shop_morning.record(round(second * 1e6), scanner, shop_morning.EVENT, octets))


def identifiers(profiles_file):
    """(uuid, major, minor) of each profile's iBeacon -> shopper_id."""
    known = {}
    for line in pathlib.Path(profiles_file).read_text(encoding="utf-8").splitlines():
        profile = json.loads(line)
        for one in profile["identifiers"]:
            if one["kind"] == "ibeacon":
                octets = bytes.fromhex(one["uuid"].replace("-", "")) + struct.pack(">HH", one["major"], one["minor"])
                known[octets] = profile["shopper_id"]
    return known


def sightings(capture_file, profiles_file):
    """(unix second, scanner, shopper_id, RSSI in dBm, measured power in dBm) of known iBeacons.

    Unavailable RSSI is left out. Instants never fall back, as in the gateway: the greater of the last one and the record's.
    """
    known, octets = identifiers(profiles_file), pathlib.Path(capture_file).read_bytes()
    assert octets[:16] == FILE_HEADER, f"{capture_file} is no BlueZ monitor capture"
    at, now = len(FILE_HEADER), 0.0
    while at + RECORD.size <= len(octets):
        length, _, flags, _, microseconds = RECORD.unpack_from(octets, at)
        at += RECORD.size
        if flags & 0xFFFF == shop_morning.EVENT and octets[at] == 0x3E and octets[at + 2] == 2:
            now = max(now, (microseconds - shop_morning.BTSNOOP_EPOCH_US) / 1e6)
            found = octets.find(IBEACON, at, at + length)
            if found >= 0:
                identity = octets[found + 5:found + 25]
                rssi = struct.unpack_from("b", octets, at + length - 1)[0]
                if identity in known and rssi != RSSI_UNAVAILABLE:
                    yield now, flags >> 16, known[identity], rssi, struct.unpack_from("b", octets, found + 25)[0]
        at += length


def read_marks(file):
    """[(unix second, zone)] of a calibration walk."""
    lines = pathlib.Path(file).read_text(encoding="utf-8").split()
    assert lines[0] == "from,zone", f"{file} is no list of marks"
    return [(float(second), zone) for second, zone in (line.split(",") for line in lines[1:])]


def read_truth(file):
    return json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
