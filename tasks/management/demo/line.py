"""One project's life, put into the timetable act by act and done by the people whose acts they are."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from accounts.models import User
from tasks.actions import close_out, decomposition, entries, key_tasks, milestone, project, results
from tasks.actions.attachments import NewFile
from tasks.enums import Effect, ResultKind
from tasks.management.demo import words
from tasks.management.demo.office import Team
from tasks.management.demo.outlines import ProjectOutline
from tasks.management.demo.patterns import Number
from tasks.management.demo.steps import EVIDENCE, Step, paper_of
from tasks.management.demo.timetable import Act
from tasks.management.demo.topics import PLACES
from tasks.management.demo.year import Year
from tasks.models import ChangeRequest, Milestone, Project, Target


class Line:
    """A project from its registration on. Every method that takes a day puts an act into the timetable."""

    def __init__(self, year: Year, outline: ProjectOutline, *, start_on: date, due_on: date) -> None:
        self.year = year
        self.office, self.chance = year.office, year.chance
        self.outline, self.team = outline, outline.team
        self.start_on, self.due_on = start_on, due_on
        self.clerk = self.chance.choice(self.office.secretariat)
        self.verifier = self.chance.choice([one for one in self.office.secretariat if one is not self.clerk])
        self.person = self.chance.choice(self.team.members[1:] or self.team.members)
        self.number: Number | None = None
        self.wanted = 0
        self.steps: list[list[Step]] = []
        self.evidence_required = False
        self._project: Project | None = None
        self._nodes: list[Milestone] = []
        self.change: ChangeRequest | None = None
        self._last: datetime | None = None

    # ── texts ────────────────────────────────────────────────────────────────

    def say(self, pool: tuple[str, ...], *, step: str = "下一步工作", paper: str = "有关材料") -> str:
        place, place2 = self.chance.sample(PLACES, 2)
        n = self.chance.randrange(8, 40)
        return self.year.deck.draw(pool).format(
            t=self.outline.key_task.topic,
            place=place,
            place2=place2,
            partner=self.chance.choice(self.outline.key_task.partners),
            n=n,
            m=self.chance.randrange(2, min(n, 9)),
            step=step,
            paper=paper,
        )

    # ── planning ─────────────────────────────────────────────────────────────

    def plan_steps(self, due_dates: Sequence[date], *, with_number: bool, goals: int = 1) -> None:
        """Milestones on these dates, spread over so many targets; the last is due when the project is."""
        pattern = self.outline.pattern
        self.number = pattern.number if with_number else None
        if self.number is not None:
            self.wanted = self.chance.randrange(self.number.least, self.number.most + 1)
        titles = list(pattern.steps)
        while len(titles) < len(due_dates):
            titles.insert(-1, (f"阶段工作推进（第{'一二三四五六'[len(titles) - len(pattern.steps)]}轮）", "阶段小结"))
        steps = []
        for place, due_on in enumerate(due_dates):
            # The last step of few is the last of the pattern: what comes out of the project.
            title, paper = titles[place] if place < len(due_dates) - 1 else titles[-1]
            team, person = self.team, self.person
            if self.outline.assisting and place and place < len(due_dates) - 1 and self.chance.random() < 0.25:
                team = self.outline.assisting[0]
                person = self.chance.choice(team.members[1:] or team.members)
            steps.append(Step(title, paper, due_on, team, person))
        size = -(-len(steps) // goals)
        self.steps = [steps[at : at + size] for at in range(0, len(steps), size)]

    @property
    def flat(self) -> list[Step]:
        return [step for group in self.steps for step in group]

    def put(self, day: date, act: Act) -> None:
        self._last = self.year.timetable.moment(day, after=self._last)
        self.year.timetable.put(self._last, act)

    # ── registering, decomposing, dispatching ────────────────────────────────

    def register(self, day: date, *, bare: bool = False) -> None:
        """`bare` leaves a draft without steps."""
        self.put(day, self._register)
        self.put(day, lambda now: self._decompose(now, bare=bare))

    def _register(self, now: datetime) -> None:
        outline, year = self.outline.key_task, self.year
        known = year.key_tasks.get(outline)
        if known is None:
            assert year.plan is not None
            categories = {row.name: row for row in year.plan.categories.all()}
            made = key_tasks.create_key_task(
                year.plan,
                by=self.clerk,
                title=outline.title,
                category=categories[outline.category],
                papers=self.chance.sample(year.papers, self.chance.choice((1, 1, 1, 1, 2, 2, 3))),
                number=str(len(year.key_tasks) + 1),
                due_on=self.due_on,
                lead_division_id=self.team.division.pk,
                person_id=self.person.pk,
                leader_id=self.team.leader.pk,
                now=now,
            )
            year.key_tasks[outline] = made.key_task
        else:
            made = key_tasks.add_project(known, by=self.clerk, title=self.outline.title, now=now)
        self._project = made

    def _decompose(self, now: datetime, *, bare: bool) -> None:
        made, pattern = self.project, self.outline.pattern
        goals = [pattern.goal, "阶段任务按时间节点完成", "成果得到运用和反馈"]
        targets = [
            decomposition.TargetDraft(
                statement=goals[place],
                milestones=[
                    decomposition.MilestoneDraft(
                        title=step.title,
                        deliverable=step.paper,
                        division_id=step.team.division.pk,
                        person_id=step.person.pk,
                        due_on=step.due_on,
                    )
                    for step in group
                ],
            )
            for place, group in enumerate(self.steps)
        ]
        if self.number is not None:
            targets[0].statement = self.number.statement.format(n=self.wanted)
            targets[0].metric, targets[0].unit = self.number.metric, self.number.unit
            targets[0].target_value = Decimal(self.wanted)
        draft = decomposition.ProjectDraft(
            title=self.outline.title,
            lead_division_id=self.team.division.pk,
            co_division_ids=[team.division.pk for team in self.outline.assisting],
            leader_id=self.team.leader.pk,
            person_id=self.person.pk,
            start_on=self.start_on,
            due_on=self.due_on,
            due_text=f"{self.due_on.month}月{self.due_on.day}日前",
            effect_standard=pattern.standard,
            report_cycle=self.year.deck.draw(words.REPORT_CYCLES),
            evidence_required=self.evidence_required,
            remark=self.year.deck.draw(words.REMARKS),
            targets=[] if bare else targets,
        )
        self._project = decomposition.save_decomposition(made, draft, by=self.clerk, version=made.version, now=now)
        # What every later act would ask for again.
        assert self.year.plan is not None
        self._project.plan, self._project.lead_division = self.year.plan, self.team.division

    @property
    def project(self) -> Project:
        assert self._project is not None, self.outline.title
        return self._project

    def go_on_as(self, successor: Project) -> None:
        """What was left of it is carried over into another plan."""
        self._project = successor
        self.look_again()

    def dispatch(self, day: date) -> None:
        """With everything else that goes out that day."""
        self._last = self.year.dispatch_on(day, lambda: self.project)

    def receive(self, day: date) -> None:
        self.put(
            day,
            lambda now: project.receive_project(self.project, by=self.person, version=self.project.version, now=now),
        )

    def object(self, day: date, belongs_to: Team) -> None:
        reason = self.say(words.OBJECTIONS)
        self.put(
            day,
            lambda now: project.object_to_project(
                self.project,
                by=self.team.head_on(day),
                version=self.project.version,
                note=reason,
                belongs_to=belongs_to.division.name,
                now=now,
            ),
        )

    # ── working ──────────────────────────────────────────────────────────────

    def node(self, place: int) -> Milestone:
        """The milestone as it stands: dispatch and changes write their dates past the objects in hand."""
        if not self._nodes:
            divisions = {team.division.pk: team.division for team in self.office.teams.values()}
            self._nodes = list(Milestone.objects.filter(project=self.project))
            for row in self._nodes:
                row.project = self.project
                row.division = divisions[row.division_id or 0]
        return self._nodes[place]

    def look_again(self) -> None:
        """The milestones are others than before."""
        self._nodes = []

    def _counts(self, amount: int | None) -> dict[Target, Decimal]:
        if not amount:
            return {}
        return {self.project.targets.get(target_value__isnull=False): Decimal(amount)}

    def entry(self, day: date, place: int, *, counted: int | None = None, typed_for: bool = False) -> None:
        """A progress entry; `typed_for` by the secretariat for the division (代填)."""
        step = self.flat[place]
        needs_help = self.chance.random() < 0.08
        situation = self.say(words.SITUATIONS[self.outline.category], step=step.title, paper=step.paper)
        has_problem = needs_help or self.chance.random() < 0.45
        problem = self.say(words.PROBLEMS, step=step.title, paper=step.paper) if has_problem else ""
        following = self.flat[min(place + 1, len(self.flat) - 1) if place >= 0 else -1]
        next_step = self.say(words.NEXT_STEPS, step=following.title, paper=following.paper)
        by = self.clerk if typed_for else step.person
        self.put(
            day,
            lambda now: entries.add_entry(
                self.project,
                by=by,
                version=self.project.version,
                situation=situation,
                problems=problem,
                next_steps=next_step,
                needs_coordination=needs_help,
                milestone=self.node(place),
                counts=self._counts(counted),
                files=[],
                now=now,
            ),
        )

    def entry_after_return(self, day: date) -> None:
        """Of the project itself: every step is done, something is being mended."""
        step = self.flat[-1]
        situation = self.say(words.MENDINGS, step=step.title, paper=step.paper)
        self.put(
            day,
            lambda now: entries.add_entry(
                self.project, by=self.person, version=self.project.version, situation=situation, files=[], now=now
            ),
        )

    def report(self, day: date, place: int, *, counted: int | None = None, by_head: bool = True) -> None:
        """By the head at once, or by staff for the head to agree to."""
        step = self.flat[place]
        by = step.team.head_on(day) if by_head else step.person
        note = self.say(words.REPORTS, step=step.title, paper=step.paper)
        self.put(
            day,
            lambda now: milestone.report_milestone(
                self.node(place),
                by=by,
                version=self.project.version,
                note=note,
                counts=self._counts(counted),
                now=now,
            ),
        )

    def agree(self, day: date, place: int) -> None:
        step = self.flat[place]
        note = self.say(words.AGREEMENTS, step=step.title, paper=step.paper)
        self.put(
            day,
            lambda now: milestone.agree_milestone(
                self.node(place), by=step.team.head_on(day), version=self.project.version, note=note, now=now
            ),
        )

    def confirm(self, day: date, place: int) -> None:
        step = self.flat[place]
        note = self.say(words.CONFIRMATIONS, step=step.title, paper=step.paper)
        self.put(
            day,
            lambda now: milestone.confirm_milestone(
                self.node(place), by=self._judge, version=self.project.version, note=note, now=now
            ),
        )

    def send_back(self, day: date, place: int) -> None:
        step = self.flat[place]
        note = self.say(words.SEND_BACKS, step=step.title, paper=step.paper)
        self.put(
            day,
            lambda now: milestone.send_back_milestone(
                self.node(place), by=self._judge, version=self.project.version, note=note, now=now
            ),
        )

    @property
    def _judge(self) -> User:
        """Who confirms and verifies: what the supervising division does itself is for the leader."""
        return self.team.leader if self.team.division.supervises else self.verifier

    # ── closing out ──────────────────────────────────────────────────────────

    def request(self, day: date, *, counted: int | None = None) -> None:
        summary = self.say(words.SUMMARIES[self.outline.category], paper=self.flat[-1].paper)
        files: list[NewFile] = self._evidence() if self.evidence_required else []
        self.put(
            day,
            lambda now: close_out.request_close_out(
                self.project,
                by=self.team.head_on(day),
                version=self.project.version,
                summary=summary,
                counts=self._counts(counted),
                files=files,
                now=now,
            ),
        )

    def _evidence(self) -> list[NewFile]:
        told = self.say(words.SITUATIONS[self.outline.category])
        return [paper_of(self.chance.choice(EVIDENCE), [self.outline.title, self.team.division.name, told])]

    def accept(self, day: date, *, late: bool = False) -> None:
        effect = self.chance.choices(list(Effect), (0, 30, 60, 10) if late else (34, 60, 6, 0))[0]
        note = self.say(words.LATE_OPINIONS if late else words.OPINIONS)
        self.put(
            day,
            lambda now: close_out.accept_close_out(
                self.project, by=self._judge, version=self.project.version, effect=effect, note=note, now=now
            ),
        )

    def return_(self, day: date, *, mend_on: date) -> None:
        note = self.say(words.RETURNS, paper=self.flat[-1].paper)
        self.put(
            day,
            lambda now: close_out.return_close_out(
                self.project, by=self._judge, version=self.project.version, note=note, mend_on=mend_on, now=now
            ),
        )

    def result(self, day: date, kind: ResultKind) -> None:
        title = words.RESULT_TITLES[kind].format(t=self.outline.key_task.topic)
        paper = f"澜协办〔{day.year}〕{self.chance.randrange(3, 140)}号" if kind != ResultKind.ACTIVITY else ""
        self.put(
            day,
            lambda now: results.add_result(
                self.project,
                by=self.person,
                version=self.project.version,
                kind=kind,
                title=title,
                paper=paper,
                on=day,
                now=now,
            ),
        )
