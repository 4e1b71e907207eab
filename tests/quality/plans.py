"""Floor plans of shops: walls, shelves, doors, scanners, and the ways through them, drawn from a seed.

Metres. The shop front lies on y = 0, the shop at y > 0, the street (or the mall's corridor) at y < 0. A shop is a union
of rectangles. A line is (x1, y1, x2, y2, loss in dB, blocks walking).

Assumed: scanners hang where a technician puts them who has read the manual: one in each zone, 4 to 8 m inside for that of
the entrance; three more at each door, for each 5 m of a wide one: over it, and 1.5 and 3.5 m behind it; and one at each
window of more than 2.5 m, for each 6 m of a long one. The zone of a place is that of the nearest scanner, as in the
measured walks. Where people stand, the second nearest zone is at least CLEAR_OF_BORDER_M farther away: goods belong to
one zone.

Losses at 2.4 GHz: glass 2 + 0.2 f = 2.5 dB and concrete 5 + 4 f = 14.7 dB from 3GPP TR 38.901, table 7.4.3-1; light and
heavy walls 3.4 and 6.9 dB from COST 231 final report, 4.7.2 (multi-wall model, after Motley and Keenan 1988).
"""
import heapq
import math

GLASS_DB, CONCRETE_DB, LIGHT_WALL_DB, HEAVY_WALL_DB = 2.5, 14.7, 3.4, 6.9
SHELF_DB = 3.4  # a row of goods counts as a light wall
NODE_STEP_M = 1.0  # of the graph of waypoints
CLEAR_OF_WALL_M = 0.4
CLEAR_OF_BORDER_M = 3.0
DECOMPRESSION_M = 2.5  # behind the door nobody stops (Underhill, Why We Buy, 1999: the decompression zone)
AT_DOOR_M = (0.0, 0.3), (0.7, 1.5), (-0.7, 3.5)  # (beside its middle, behind it)
AT_DOOR_EACH_M = 5.0  # of its width
# A window is the front so far from doors, if that is more than a metre; it has a scanner for each six metres.
CLEAR_OF_DOOR_M, LEAST_WINDOW_M, AT_WINDOW_EACH_M, BEHIND_WINDOW_M = 1.5, 1.0, 6.0, 0.3
BEFORE_DOOR_M = 0.8  # people walk straight through a door from here to there


def middles(low, high, each):
    """Of equal parts of a stretch, about `each` long."""
    count = max(1, round((high - low) / each))
    return [low + (high - low) * (n + 0.5) / count for n in range(count)]


def crosses(ax, ay, bx, by, cx, cy, dx, dy):
    """Do the segments ab and cd cross? By the signs of areas; touching counts as not."""
    side_c = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    side_d = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    if side_c * side_d >= 0:
        return False
    side_a = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    side_b = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    return side_a * side_b < 0


class Plan:
    """rooms: rectangles (x1, y1, x2, y2); doors: (x, width); scanners: (x, y, zone)."""

    def __init__(self, kind, rooms, doors, lines, scanners, entrances, front_loss_db):
        self.kind, self.rooms, self.doors, self.entrances = kind, rooms, doors, entrances
        self.left, self.right = min(r[0] for r in rooms), max(r[2] for r in rooms)
        self.scanners = scanners + self._at_front([scanner for scanner in scanners if scanner[2] in entrances])
        self.depth = max(r[3] for r in rooms)
        self.lines = lines + self._front(front_loss_db)
        self.zones = list(dict.fromkeys(zone for _, _, zone in self.scanners))
        self.solid = [line[:4] for line in self.lines if line[5]]
        self._build_graph()

    def _at_front(self, entrances):
        """Scanners at the doors and windows, each in the zone of the nearest scanner of an entrance."""
        places = []
        for x, width in self.doors:
            for middle in middles(x - width / 2, x + width / 2, AT_DOOR_EACH_M):
                places += [(middle + beside, behind) for beside, behind in AT_DOOR_M]
        for low, high in self._windows():
            places += [(middle, BEHIND_WINDOW_M) for middle in middles(low, high, AT_WINDOW_EACH_M)]
        return [(*place, min(entrances, key=lambda scanner: math.dist(scanner[:2], (place[0], 0)))[2])
                for place in places]

    def _windows(self):
        """The front, clear of doors."""
        low, windows = min(r[0] for r in self.rooms if r[1] == 0), []
        for x, width in [*sorted(self.doors), (max(r[2] for r in self.rooms if r[1] == 0) + CLEAR_OF_DOOR_M, 0)]:
            if x - width / 2 - CLEAR_OF_DOOR_M - low > LEAST_WINDOW_M:
                windows.append((low, x - width / 2 - CLEAR_OF_DOOR_M))
            low = x + width / 2 + CLEAR_OF_DOOR_M
        return windows

    def _front(self, loss_db):
        x, lines = self.left, []
        for door, width in sorted(self.doors):
            if door - width / 2 > x:
                lines.append((x, 0, door - width / 2, 0, loss_db, True))
            x = door + width / 2
        return lines + ([(x, 0, self.right, 0, loss_db, True)] if x < self.right else [])

    def inside(self, x, y):
        return y >= 0 and any(x1 <= x <= x2 and y1 <= y <= y2 for x1, y1, x2, y2 in self.rooms)

    def zone(self, x, y):
        """The nearest scanner's."""
        return min(self.scanners, key=lambda s: math.hypot(s[0] - x, s[1] - y))[2]

    def clear_of_border(self, x, y):
        """How much farther the nearest scanner of another zone is than that of the own one."""
        nearest = {}
        for sx, sy, zone in self.scanners:
            nearest[zone] = min(nearest.get(zone, math.inf), math.hypot(sx - x, sy - y))
        first, second = sorted(nearest.values())[:2]
        return second - first

    def walkable(self, a, b):
        return not any(crosses(*a, *b, *line) for line in self.solid)

    def _build_graph(self):
        """Waypoints: a grid over the rooms, joined to the eight around where no wall stands between."""
        places = set()
        for x1, y1, x2, y2 in self.rooms:
            for i in range(int((x2 - x1 - 2 * CLEAR_OF_WALL_M) / NODE_STEP_M) + 1):
                for j in range(int((y2 - y1 - 2 * CLEAR_OF_WALL_M) / NODE_STEP_M) + 1):
                    x, y = x1 + CLEAR_OF_WALL_M + i * NODE_STEP_M, y1 + CLEAR_OF_WALL_M + j * NODE_STEP_M
                    places.add((round(x, 2), round(y, 2)))
        self.nodes = sorted(places)
        reach = NODE_STEP_M * 1.5
        self.ways = {node: [] for node in self.nodes}
        for number, a in enumerate(self.nodes):
            for b in self.nodes[number + 1:]:
                if b[0] - a[0] > reach:
                    break  # sorted by x
                if math.dist(a, b) < reach and self.walkable(a, b):
                    self.ways[a].append(b)
                    self.ways[b].append(a)
        self.spots = {zone: [n for n in self.nodes if self.zone(*n) == zone and n[1] > DECOMPRESSION_M
                             and self.clear_of_border(*n) >= CLEAR_OF_BORDER_M] for zone in self.zones}
        touching = {tuple(sorted((self.zone(*a), self.zone(*b)))) for a in self.nodes for b in self.ways[a]}
        self.next_to = {zone: [z for z in self.zones if z != zone and tuple(sorted((z, zone))) in touching]
                        for zone in self.zones}

    def nearest_node(self, place):
        seen = [n for n in self.nodes if math.dist(n, place) < 4 * NODE_STEP_M and self.walkable(n, place)]
        return min(seen or self.nodes, key=lambda n: math.dist(n, place))

    def way(self, start, goal):
        """The shortest way inside the shop (Dijkstra), with needless corners taken out."""
        first, last = self.nearest_node(start), self.nearest_node(goal)
        best, before, queue = {first: 0.0}, {}, [(0.0, first)]
        while queue:
            so_far, node = heapq.heappop(queue)
            if node == last:
                break
            for other in self.ways[node]:
                length = so_far + math.dist(node, other)
                if length < best.get(other, math.inf):
                    best[other], before[other] = length, node
                    heapq.heappush(queue, (length, other))
        assert last in best, f"{self.kind}: no way from {start} to {goal}"
        corners = [goal, last]
        while corners[-1] != first:
            corners.append(before[corners[-1]])
        corners = [*corners, start][::-1]
        pulled = [corners[0]]
        while pulled[-1] is not corners[-1]:
            here = corners.index(pulled[-1])
            farther = (c for c in reversed(corners[here + 1:]) if self.walkable(pulled[-1], c))
            pulled.append(next(farther, corners[here + 1]))
        return pulled


def outer_walls(*corners):
    """A concrete wall through these corners."""
    return [(*a, *b, CONCRETE_DB, True) for a, b in zip(corners, corners[1:])]


def box_walls(width, depth):
    return outer_walls((0, 0), (0, depth), (width, depth), (width, 0))


def front_of(rng):
    """Most fronts are glass; some have pillars and posters, which together are like a heavy wall."""
    return GLASS_DB if rng.random() < 0.7 else HEAVY_WALL_DB


def shelf(x1, y1, x2, y2):
    return (x1, y1, x2, y2, SHELF_DB, True)


def kiosk(rng):
    w, d = rng.uniform(5, 7), rng.uniform(12.5, 15)
    side = rng.uniform(0.8, 1.5)
    scanners = [(w / 2 - side, 4.0, "entrance"), (w / 2 + side, d - 1.5, "counter")]
    return Plan("kiosk", [(0, 0, w, d)], [(w / 2, 1.4)], box_walls(w, d), scanners, ["entrance"], front_of(rng))


def corridor(rng):
    w, d = rng.uniform(5, 6.5), rng.uniform(29, 42)
    names = ["entrance", "aisle", "promo", "back"] if d < 36 else ["entrance", "aisle", "promo", "shoes", "back"]
    step = (d - 2 - 5) / (len(names) - 1)
    scanners = [(w / 2 + rng.uniform(-1.5, 1.5), 5 + step * n, name) for n, name in enumerate(names)]
    middle = [shelf(w / 2, y, w / 2, y + 4) for y in (8, 15, 22)]
    return Plan("corridor", [(0, 0, w, d)], [(w / 2, 1.6)], box_walls(w, d) + middle, scanners, ["entrance"],
                front_of(rng))


def corner(rng):
    """L-shaped: a room from the front, and a wing to the right at its end."""
    w, d, wing = rng.uniform(7, 9), rng.uniform(17, 20), rng.uniform(13, 16)
    low = d - 7.5
    walls = outer_walls((0, 0), (0, d), (w + wing, d), (w + wing, low), (w, low), (w, 0))
    middle = (low + d) / 2
    scanners = [(w / 2, 5.0, "entrance"), (w / 2, middle, "aisle"), (w + wing * 0.4, middle + 1, "promo"),
                (w + wing - 1, middle - 1, "back")]
    shelves = [shelf(w + 3, middle, w + wing - 4, middle)]
    return Plan("corner", [(0, 0, w, d), (w - 0.5, low, w + wing, d)], [(w / 2, 1.6)], walls + shelves, scanners,
                ["entrance"], front_of(rng))


def two_doors(rng):
    w, d = rng.uniform(28, 34), rng.uniform(16, 19)
    left, right = w * 0.2, w * 0.8
    scanners = [(left, 5.0, "entrance-left"), (right, 5.0, "entrance-right"), (w / 2, 7.0, "middle"),
                (w * 0.28, d - 2, "back-left"), (w * 0.72, d - 2, "back-right")]
    shelves = [shelf(w * at, 3, w * at, d - 5) for at in (0.36, 0.64)] + [shelf(w * 0.1, d - 6.5, w * 0.3, d - 6.5)]
    return Plan("two-doors", [(0, 0, w, d)], [(left, 1.8), (right, 1.8)], box_walls(w, d) + shelves, scanners,
                ["entrance-left", "entrance-right"], front_of(rng))


def mall_unit(rng):
    """Open to the mall's corridor over nearly its whole width; two scanners share the entrance zone."""
    w, d = rng.uniform(12, 15), rng.uniform(18, 22)
    scanners = [(w * 0.25, 6.0, "entrance"), (w * 0.75, 6.0, "entrance"), (w * 0.2, d - 2.5, "promo"),
                (w * 0.85, d - 2, "back")]
    shelves = [shelf(w * 0.5, d - 7, w * 0.5, d - 3), shelf(2, 9, w * 0.4, 9)]
    return Plan("mall-unit", [(0, 0, w, d)], [(w / 2, w - 2)], box_walls(w, d) + shelves, scanners, ["entrance"],
                HEAVY_WALL_DB)


def two_rooms(rng):
    """A wall with a passage, and the fitting rooms behind."""
    w, d = rng.uniform(8, 10), rng.uniform(21, 25)
    wall, passage = d * 0.5, w * rng.uniform(0.3, 0.6)
    partition = [(0, wall, passage - 1, wall, HEAVY_WALL_DB, True), (passage + 1, wall, w, wall, HEAVY_WALL_DB, True)]
    scanners = [(w / 2, 5.0, "entrance"), (w * 0.5, wall + 2.0, "fitting"), (w * 0.4, d - 1, "back")]
    return Plan("two-rooms", [(0, 0, w, d)], [(w * 0.5, 1.4)], box_walls(w, d) + partition, scanners, ["entrance"],
                front_of(rng))


def market(rng):
    """Rows of shelves from front to back."""
    w, d = rng.uniform(20, 25), rng.uniform(25, 30)
    rows = [shelf(w * at, 8.5, w * at, d - 5) for at in (0.2, 0.35, 0.5, 0.65, 0.8)]
    scanners = [(w / 2, 5.0, "entrance"), (w * 0.1, 9, "fruit"), (w * 0.9, 9, "drinks"), (w / 2, d * 0.55, "aisles"),
                (w * 0.15, d - 2, "bakery"), (w * 0.85, d - 2, "frozen")]
    return Plan("market", [(0, 0, w, d)], [(w / 2, 2.0)], box_walls(w, d) + rows, scanners, ["entrance"], front_of(rng))


KINDS = [corridor, kiosk, corner, mall_unit, two_doors, two_rooms, market]


def draw_plan(seed, rng):
    return KINDS[(seed - 1) % len(KINDS)](rng)
