"""The house rules that can be read off the code: imports point down, names stay short, states have one door."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent

# Lower ones first: a package imports those before it, never those after it.
PACKAGES = (
    "cppcc_office.lib",
    "accounts",
    "tasks",
    "supervision.notifications",
    "supervision.cycles",
    "supervision.inspections",
    "supervision.notices",
    "supervision.bulletins",
    "supervision.assessment",
    "supervision.desk",
    "cppcc_office",
)
# The same inside an app. A module that is not here belongs somewhere: say where.
LEVELS: tuple[tuple[str, ...], ...] = (
    ("enums", "hours", "periods", "deadlines", "names", "verbs", "pace", "course", "spreading", "sampling"),
    ("models",),
    ("policies", "standing", "passwords"),  # what a person is and what an office has set: every query asks
    ("intake",),  # reads papers, writes nothing
    ("queries", "figures", "calendars"),
    ("rules",),
    ("workflow",),
    ("kinds", "channels"),
    ("actions",),
    ("forms", "chips", "filters", "tables", "charts", "documents", "jobs", "management", "refusals", "http"),
    ("views", "api", "admin", "templatetags", "middleware", "backends"),
    ("urls", "apps"),
)
LONGEST = 450
LONGEST_TESTS = 700  # a table of cases is looked up, not read
LONGER: dict[str, str] = {}
# The outermost loop of a worker: one broken row holds up no other. And code of a hundred platforms that is not ours.
CATCH_ALL = {
    "supervision/cycles/actions/running.py",
    "supervision/notifications/actions/relaying.py",
    "supervision/notifications/channels/platforms.py",
    "tasks/jobs.py",
}


@dataclass(frozen=True)
class Import:
    """One name imported, and where."""

    path: str
    line: int
    module: str
    is_relative: bool
    is_inside: bool

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.module}"


@cache
def sources() -> list[Path]:
    folders = ("accounts", "cppcc_office", "supervision", "tasks", "bench", "proof", "tests")
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def is_ours(path: Path) -> bool:
    """Code of the product: neither tests nor what Django generated."""
    return path.relative_to(ROOT).parts[0] not in {"tests", "bench", "proof"} and "migrations" not in path.parts


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def imports_of(path: Path) -> list[Import]:
    def walk(node: ast.AST, inside: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(place(path), child.lineno, alias.name, False, inside)
            elif isinstance(child, ast.ImportFrom):
                for alias in child.names:
                    name = f"{child.module}.{alias.name}" if child.module else alias.name
                    yield Import(place(path), child.lineno, name, child.level > 0, inside)
            deeper = inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from walk(child, deeper)

    return list(walk(tree_of(path), False))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def package_of(module: str) -> str | None:
    """The longest of PACKAGES that the module lies in."""
    held = [package for package in PACKAGES if module == package or module.startswith(f"{package}.")]
    return max(held, key=len, default=None)


def level_of(module: str, package: str) -> int | None:
    rest = module[len(package) + 1 :].split(".")[0]
    return next((level for level, names in enumerate(LEVELS) if rest in names), None)


OUR_IMPORTS = [row for path in sources() if is_ours(path) for row in imports_of(path)]


def test_packages_import_only_what_is_below_them() -> None:
    upward = []
    for row in OUR_IMPORTS:
        importer, imported = package_of(row.path.removesuffix(".py").replace("/", ".")), package_of(row.module)
        if importer and imported and PACKAGES.index(imported) > PACKAGES.index(importer):
            upward.append(str(row))

    assert upward == []


def test_modules_of_an_app_import_only_what_is_above_them_in_the_list() -> None:
    upward = []
    for row in OUR_IMPORTS:
        module = row.path.removesuffix(".py").replace("/", ".")
        package = package_of(module)
        if package is None or package.startswith("cppcc_office") or package_of(row.module) != package:
            continue
        own, other = level_of(module, package), level_of(row.module, package)
        if own is not None and other is not None and other > own:
            upward.append(str(row))

    assert upward == []


def test_every_module_of_an_app_has_its_level() -> None:
    homeless = []
    for path in sources():
        module = module_of(path)
        package = package_of(module)
        if is_ours(path) and package and not package.startswith("cppcc_office") and module != package:
            homeless += [module] if level_of(module, package) is None else []

    assert homeless == []


def test_the_bottom_of_the_house_knows_no_django_app() -> None:
    knowing = [str(row) for row in OUR_IMPORTS if row.path.startswith("cppcc_office/lib/") and package_of(row.module)]

    assert [row for row in knowing if "cppcc_office.lib" not in row.split(" imports ")[1]] == []


def test_nothing_is_imported_inside_a_function() -> None:
    inside = [str(row) for path in sources() for row in imports_of(path) if row.is_inside]

    assert inside == []


def test_imports_are_absolute() -> None:
    relative = [str(row) for path in sources() for row in imports_of(path) if row.is_relative]

    assert relative == []


def test_nothing_of_ours_imports_the_tests() -> None:
    backward = [str(row) for row in OUR_IMPORTS if row.module.split(".")[0] in {"tests", "bench", "proof"}]

    assert backward == []


def test_every_module_says_what_belongs_in_it() -> None:
    silent = []
    for path in sources():
        tree = tree_of(path)
        if is_ours(path) and path.name != "__init__.py" and not ast.get_docstring(tree):
            silent.append(place(path))

    assert silent == []


def test_a_module_is_read_in_one_sitting() -> None:
    long = {
        place(path)
        for path in sources()
        if "migrations" not in path.parts
        and len(path.read_text(encoding="utf-8").splitlines()) > (LONGEST if is_ours(path) else LONGEST_TESTS)
    }

    assert long == set(LONGER)


def test_only_outermost_loops_catch_everything() -> None:
    catching = {
        place(path)
        for path in sources()
        if is_ours(path)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    }

    assert catching == CATCH_ALL


# Lays loaded rows as they stood on a past day; in memory only, nothing of it is saved.
IN_MEMORY = {"tasks/queries/as_of.py"}


def state_writes(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and any(
            isinstance(target, ast.Attribute) and target.attr == "state" for target in targets
        ):
            yield node.lineno
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"update", "aupdate"}
            and any(keyword.arg == "state" for keyword in node.keywords)
        ):
            yield node.lineno


def test_a_state_is_set_by_actions_only() -> None:
    elsewhere = [
        f"{place(path)}:{line}"
        for path in sources()
        if is_ours(path) and "actions" not in path.parts and place(path) not in IN_MEMORY
        for line in state_writes(tree_of(path))
    ]

    assert elsewhere == []


@pytest.mark.parametrize("code", ["row.state = x", "row.state: str = x", "rows.update(state=x)", "(a.state) = x"])
def test_the_eye_for_states_sees(code: str) -> None:
    assert list(state_writes(ast.parse(code))) == [1]


def called(node: ast.AST) -> dict[str, ast.Call]:
    """The methods called on one another in a line, by name."""
    calls = {}
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        calls[node.func.attr] = node
        node = node.func.value
    return calls


def test_what_is_held_is_named_where_other_tables_are_read_with_it() -> None:
    """Else PostgreSQL holds their rows, too: with an office's, everybody who writes anything in it."""
    holding_more = [
        f"{place(path)}:{node.lineno}"
        for path in sources()
        if is_ours(path)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.expr)
        and (calls := called(node)).keys() >= {"select_for_update", "select_related"}
        and not any(keyword.arg == "of" for keyword in calls["select_for_update"].keywords)
    ]

    assert holding_more == []


def test_writing_is_atomic_in_every_public_action() -> None:
    """A function of `actions` that takes the actor and is not marked atomic is called inside one that is."""
    nested = {
        "ensure_source_classes",
        "dispatch_unchecked",
        "add_counts",
        "attach_files",
        "take_number",
        "void_numbers",
        "backfill_from_ledger",
        "record_download",  # one row
        "test_channel",  # waits for a server's answer, and only then records it
        "revise_project",
    }
    missing = set()
    for path in sources():
        if "actions" not in path.parts or not is_ours(path) or path.name == "recording.py":
            continue
        for node in tree_of(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                takes_actor = any(argument.arg == "by" for argument in node.args.kwonlyargs)
                marks = {ast.unparse(decorator) for decorator in node.decorator_list}
                if takes_actor and "transaction.atomic" not in marks:
                    missing.add(f"{place(path)}:{node.name}")

    assert {name for name in missing if name.split(":")[1] not in nested} == set()


def test_names_in_the_database_fit_national_databases() -> None:
    """openGauss, KingbaseES and DM8 take at least thirty bytes (architecture 3)."""
    names: set[str] = set()
    for model in apps.get_models():
        if package_of(model.__module__):
            names.add(model._meta.db_table)
            names.update(field.column for field in model._meta.local_fields)
            names.update(constraint.name for constraint in model._meta.constraints)
            names.update(index.name for index in model._meta.indexes)

    assert {name for name in names if len(name) > 30} == set()
