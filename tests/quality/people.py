"""Who walks where: visitors, short visitors, passers-by and the technician, as places, headings and instants.

Seconds from the capture's beginning, metres, radians. A trace is sampled each STEP_S; corners are cut by a moving mean.
Walking speeds 0.6 to 1.6 m/s, most near 1.1 (Bohannon 1997 has 1.2 to 1.5 m/s for comfortable gait; in shops less).
"""
import math

from plans import BEFORE_DOOR_M

STEP_S = 0.2
CORNER_S = 0.6  # half of the moving mean's window
SLOWEST_M_PER_S, FASTEST_M_PER_S, USUAL_M_PER_S, BROWSING_M_PER_S = 0.6, 1.6, 1.1, 0.4
STREET_MARGIN_M = 11.0  # people appear and vanish this far beside the shop
STREET_NEAR_M, STREET_FAR_M = -1.2, -5.0
VISITOR_STOPS, VISITOR_STOP_S, SHORT_STOP_S = (1, 4), (15, 150), (30, 60)
SHORT_VISITS, WINDOW_STOPS, APPROACHES = 0.2, 0.2, 0.2  # shares of the visitors; of the passers-by
WINDOW_STOP_S, APPROACH_M = (5, 20), (1.5, 3.5)
BROWSING_PAUSE_S, BROWSING_RADIUS_M = (4, 12), 0.7


class Trace:
    """Places (x, y), headings, the length walked and where the phone is, at `start` + n * STEP_S."""

    def __init__(self, start, timed, carried):
        """timed: [(second, (x, y), facing or None)], in order; a straight walk between. carried: [(from second, how)]."""
        self.start, end = start, timed[-1][0]
        raw, facing, leg = [], [], 0
        for n in range(int((end - start) / STEP_S) + 1):
            now = start + n * STEP_S
            while leg + 2 < len(timed) and timed[leg + 1][0] <= now:
                leg += 1
            (t0, (x0, y0), look), (t1, (x1, y1), _) = timed[leg], timed[leg + 1]
            part = min(1.0, max(0.0, (now - t0) / (t1 - t0))) if t1 > t0 else 1.0
            raw.append((x0 + (x1 - x0) * part, y0 + (y1 - y0) * part))
            facing.append(look)
        half = round(CORNER_S / STEP_S)
        self.places = []
        for n in range(len(raw)):
            around = raw[max(0, n - half):n + half + 1]
            self.places.append((sum(p[0] for p in around) / len(around), sum(p[1] for p in around) / len(around)))
        self.carrying = [next(how for since, how in reversed(carried) if since <= start + n * STEP_S)
                         for n in range(len(raw))]
        self.headings, self.walked, heading = [], [0.0], 0.0
        for (ax, ay), (bx, by), look in zip(self.places, self.places[1:] + self.places[-1:], facing):
            step = math.hypot(bx - ax, by - ay)
            if look is not None:
                heading = look
            elif step > 0.3 * STEP_S:
                heading = math.atan2(by - ay, bx - ax)
            self.headings.append(heading)
            self.walked.append(self.walked[-1] + step)
        self.end = start + (len(self.places) - 1) * STEP_S

    def at(self, second):
        n = min(len(self.places) - 1, max(0, int((second - self.start) / STEP_S)))
        return self.places[n]


class Walk:
    """Collects the legs of one person's way."""

    def __init__(self, rng, start, place, carrying):
        self.rng, self.timed, self.carried = rng, [(start, place, None)], [(start, carrying)]

    @property
    def now(self):
        return self.timed[-1][0]

    @property
    def place(self):
        return self.timed[-1][1]

    def put(self, carrying):
        self.carried.append((self.now, carrying))

    def go(self, speed, *places):
        for place in places:
            self.timed.append((self.now + math.dist(self.place, place) / speed, place, None))

    def stand(self, seconds, facing=None):
        look = self.rng.uniform(-math.pi, math.pi) if facing is None else facing
        second, place, _ = self.timed.pop()
        self.timed += [(second, place, look), (second + seconds, place, None)]

    def browse(self, seconds, plan):
        """Standing before goods, a small step and another look now and then."""
        end, home = self.now + seconds, self.place
        while self.now < end:
            self.stand(min(self.rng.uniform(*BROWSING_PAUSE_S), max(0.1, end - self.now)))
            x, y = (c + self.rng.uniform(-BROWSING_RADIUS_M, BROWSING_RADIUS_M) for c in home)
            if y > 0.5 and plan.inside(x, y) and plan.walkable(self.place, (x, y)):
                self.go(BROWSING_M_PER_S, (x, y))

    def trace(self):
        return Trace(self.timed[0][0], self.timed, self.carried)


def street_end(rng, plan, side, y):
    return (plan.left - STREET_MARGIN_M if side < 0 else plan.right + STREET_MARGIN_M) + rng.uniform(-1, 1), y


def through(rng, plan, door=None):
    """Two places, before and behind a door."""
    x, width = door or rng.choice(plan.doors)
    x += rng.uniform(-0.5, 0.5) * max(0.0, width - 0.8)
    return (x, -BEFORE_DOOR_M), (x, BEFORE_DOOR_M)


def visitor(rng, plan, start, carrying):
    speed = rng.triangular(SLOWEST_M_PER_S, FASTEST_M_PER_S, USUAL_M_PER_S)
    y = rng.uniform(STREET_FAR_M, STREET_NEAR_M)
    walk = Walk(rng, start, street_end(rng, plan, rng.choice((-1, 1)), y), carrying)
    outside, inside = through(rng, plan)
    walk.go(speed, (outside[0] + math.copysign(1.0, walk.place[0] - outside[0]), y), outside, inside)
    entrance = plan.zone(*inside)
    if rng.random() < SHORT_VISITS:
        near = [entrance] + [z for z in plan.next_to[entrance] if rng.random() < 0.5]
        stops = [(zone, rng.uniform(*SHORT_STOP_S) / len(near)) for zone in near]
    else:
        stops = [(rng.choice(plan.zones), rng.uniform(*VISITOR_STOP_S)) for _ in range(rng.randint(*VISITOR_STOPS))]
    for zone, seconds in stops:
        walk.go(speed, *plan.way(walk.place, rng.choice(plan.spots[zone]))[1:])
        walk.browse(seconds, plan)
    outside, inside = through(rng, plan)
    walk.go(speed, *plan.way(walk.place, inside)[1:], outside)
    walk.go(speed, street_end(rng, plan, rng.choice((-1, 1)), rng.uniform(STREET_FAR_M, STREET_NEAR_M)))
    return walk.trace()


def passer(rng, plan, start, carrying):
    speed = rng.triangular(SLOWEST_M_PER_S, FASTEST_M_PER_S, USUAL_M_PER_S)
    side = rng.choice((-1, 1))
    y = rng.uniform(STREET_FAR_M, STREET_NEAR_M)
    walk = Walk(rng, start, street_end(rng, plan, side, y), carrying)
    manner = rng.random()
    if manner < WINDOW_STOPS:
        x = rng.uniform(plan.left + 0.5, plan.right - 0.5)
        walk.go(speed, (x + side, y), (x, rng.uniform(-1.5, -0.7)))
        walk.stand(rng.uniform(*WINDOW_STOP_S), facing=math.pi / 2 + rng.uniform(-0.6, 0.6))
    elif manner < WINDOW_STOPS + APPROACHES:
        door = rng.choice(plan.doors)[0]
        walk.go(speed, (door + side, y), (door, -rng.uniform(*APPROACH_M)))
        side = -side  # turns back
    walk.go(speed, street_end(rng, plan, -side, y))
    return walk.trace()


# What walk-test asks for, everywhere first with the tag in the hand, then in the back pocket: along the whole front as
# passers-by go, at the window, some steps off and at the kerb, and up to each door; in a zone at the front along the
# window, too.
ROUNDS = ("hand", "back-pocket")
STREET_WALK_S, ZONE_WALK_S, TECHNICIAN_M_PER_S = 60, 60, 0.8
AT_WINDOW_M, STEPS_OFF_M, AT_KERB_M, STREET_BESIDE_M = -1.0, -2.5, -4.5, 2.0
BEHIND_FRONT_M = 2.0
SPOTS_LOOKED_AT, PLACES_IN_ZONE = 25, 5
MARK_ERROR_S = 0.7  # when a technician presses the key, by the real change of zone


def spread(rng, spots, count, start):
    """Places far from each other, so that the zone is covered; each time the nearest of those left is next."""
    chosen = [rng.choice(spots)]
    while len(chosen) < min(count, len(spots)):
        chosen.append(max(spots, key=lambda s: min(math.dist(s, c) for c in chosen)))
    return in_walking_order(chosen, start, lambda spot: spot)


def in_walking_order(things, here, place_of):
    left = list(things)
    while left:
        nearest = min(left, key=lambda thing: math.dist(place_of(thing), here))
        left.remove(nearest)
        here = place_of(nearest)
        yield nearest


def within_reach(rng, plan, zone, middle):
    """Some spots of a zone, to each of which one gets from its middle without leaving it."""
    spots = rng.sample(plan.spots[zone], min(SPOTS_LOOKED_AT, len(plan.spots[zone])))
    centre = min(spots, key=lambda spot: math.dist(spot, middle))
    return [spot for spot in spots if all(plan.zone(*corner) == zone for corner in plan.way(centre, spot))]


def behind_window(plan, zone):
    """The two ends of a zone's strip behind the front, if it has one."""
    strip = sorted(node for node in plan.nodes if node[1] < BEHIND_FRONT_M and plan.zone(*node) == zone)
    return [strip[0], strip[-1]] if strip else []


def walk_street(rng, plan, walk):
    """Each round along the three lines, the second one the other way."""
    began, left, right = walk.now, plan.left - STREET_BESIDE_M, plan.right + STREET_BESIDE_M
    for carrying, here, there in zip(ROUNDS, (left, right), (right, left)):
        walk.put(carrying)
        for x, _ in sorted(plan.doors, reverse=here > there):
            walk.go(TECHNICIAN_M_PER_S, (x, AT_WINDOW_M + rng.uniform(-0.3, 0.3)))
            walk.stand(rng.uniform(2, 4))
        walk.go(TECHNICIAN_M_PER_S, (there, AT_WINDOW_M), (there, AT_KERB_M), (here, AT_KERB_M), (here, STEPS_OFF_M),
                (there, STEPS_OFF_M))
    walk.stand(max(1.0, began + STREET_WALK_S - walk.now))


def walk_zone(rng, plan, walk, zone, middle):
    for carrying in ROUNDS:
        walk.put(carrying)
        began = None
        for end in behind_window(plan, zone):
            walk.go(TECHNICIAN_M_PER_S, *plan.way(walk.place, end)[1:])
            began = began or walk.now
        for spot in spread(rng, within_reach(rng, plan, zone, middle), PLACES_IN_ZONE, walk.place):
            walk.go(TECHNICIAN_M_PER_S, *plan.way(walk.place, spot)[1:])
            began = began or walk.now
            walk.stand(rng.uniform(2, 4))
        walk.browse(max(1.0, began + ZONE_WALK_S / len(ROUNDS) - walk.now), plan)


def technician(rng, plan, start):
    walk = Walk(rng, start, (plan.left - STREET_BESIDE_M, AT_WINDOW_M), ROUNDS[0])
    walk_street(rng, plan, walk)
    door = plan.doors[0]
    walk.go(TECHNICIAN_M_PER_S, (door[0], AT_WINDOW_M))
    walk.go(TECHNICIAN_M_PER_S, *through(rng, plan, door))
    middle = {zone: next(s[:2] for s in plan.scanners if s[2] == zone) for zone in plan.zones}
    for zone in in_walking_order(plan.zones, walk.place, middle.get):
        walk_zone(rng, plan, walk, zone, middle[zone])
    return walk.trace()
