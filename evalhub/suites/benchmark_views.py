from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from evalhub.accounts.access import can_evaluate, role_required
from evalhub.suites import benchmark_index
from evalhub.suites.benchmark_forms import AddForm, SearchForm
from evalhub.suites.services import add_source
from workers.benchmarks import process

SHOWN = 50


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Search lm-eval's benchmarks; the best fifty names are shown."""
    form = SearchForm(request.GET)
    given = form.given()
    found = benchmark_index.search(given["text"], kind=given["kind"], output_type=given["output_type"])
    context = {
        "form": form,
        "found": found[:SHOWN],
        "total": len(found),
        "version": benchmark_index.index().version,
        "is_installed": process.is_installed(),
    }
    return render(request, "suites/benchmarks.html", context)


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    """One benchmark: what it is made of, and the form that adds it to a suite."""
    benchmark = _find(name)
    form = AddForm(user=request.user) if can_evaluate(request.user) and benchmark.can_be_added else None
    return render(request, "suites/benchmark.html", {"benchmark": benchmark, "form": form})


@require_http_methods(["POST"])
@role_required("evaluator")
def add(request: HttpRequest, name: str) -> HttpResponse:
    """Add the benchmark to a suite's recipe; composing is the next step, on the suite's page."""
    benchmark = _find(name)
    form = AddForm(request.POST, user=request.user)
    if not form.is_valid():
        return render(request, "suites/benchmark.html", {"benchmark": benchmark, "form": form}, status=400)
    suite = form.cleaned_data["suite"]
    add_source(suite=suite, entry=form.entry(name))
    messages.success(
        request,
        _("%(name)s is in the recipe now. Compose the suite anew to build its items.") % {"name": name},
    )
    return redirect("suites:page", slug=suite.slug)


def _find(name: str) -> benchmark_index.Benchmark:
    benchmark = benchmark_index.index().rows.get(name)
    if benchmark is None:
        raise Http404(name)
    return benchmark
