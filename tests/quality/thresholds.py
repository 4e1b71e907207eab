"""The doorstep: where a rule with thresholds draws its lines, from the calibration walk, the same way for every rule.

Each rule boils the radio down to one nearness: a smoothed RSSI, or a distance in dB. Over the calibration walk it has a
range in the street and one in the entrance zones. The line to enter lies in the middle between the nearest fifth of the
street and the median of the entrance zones, but never on the street's side of its nearest twentieth. The line to leave
lies below it by as much as between the two of the contract's example, 8 dB. In simple mode each zone has its own scanners'
level; a zone that is no entrance needs no line against the street and gets the median of its own less those 8 dB.

This is what a careful technician could do with a spreadsheet. It knows nothing of how others carry their phones; neither
does any other rule in the table.
"""
import math

EXIT_BELOW_DB = 8.0
STREET_NEAR, STREET_NEAREST = 0.80, 0.95
LEAST_DBM, MOST_DBM = -100, -40


def quantile(values, q):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def doorstep(inside, street):
    """The line to enter by, greater being nearer; with nothing heard from the street, half of the inside is above it."""
    middle = quantile(inside, 0.5)
    if not street:
        return middle
    return max((middle + quantile(street, STREET_NEAR)) / 2, quantile(street, STREET_NEAREST))


def exponential_means(sightings, time_constant_s=2.0, restart_s=30.0):
    """(second, scanner, mean of RSSI) of one sender: the smoothing of the gateway's simple mode."""
    means = {}
    for second, scanner, _, rssi, _ in sightings:
        last, mean = means.get(scanner, (second - 2 * restart_s, rssi))
        weight = 1.0 if second - last > restart_s else 1 - math.exp(-(second - last) / time_constant_s)
        mean += weight * (rssi - mean)
        means[scanner] = second, mean
        yield second, scanner, mean


def zone_at(marks, second):
    names = [zone for since, zone in marks if since <= second]
    return names[-1] if names else "street"


def simple_mode(zone_of_scanner, entrances, marks, sightings):
    """{zone: (enter_dbm, exit_dbm)} for gateway.toml."""
    inside = {zone: [] for zone in zone_of_scanner}
    street = {zone: [] for zone in zone_of_scanner}
    for second, scanner, mean in exponential_means(sightings):
        zone, stands_in = zone_of_scanner[scanner], zone_at(marks, second)
        if stands_in == "street":
            street[zone].append(mean)
        elif stands_in == zone:
            inside[zone].append(mean)
    lines = {}
    for zone in dict.fromkeys(zone_of_scanner):
        enter = doorstep(inside[zone], street[zone] if zone in entrances else []) if inside[zone] else LEAST_DBM
        enter = min(MOST_DBM, max(LEAST_DBM + EXIT_BELOW_DB, enter if zone in entrances else enter - EXIT_BELOW_DB))
        lines[zone] = round(enter), round(enter - EXIT_BELOW_DB)
    return lines
