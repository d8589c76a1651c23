"""One stay of EvalHub on this machine: prepare the data, start the programs, show the board, stay up."""

import django

django.setup()

from evalhub.launch import database, demo, watch  # noqa: E402  models load after setup
from evalhub.launch.options import Options  # noqa: E402
from evalhub.launch.plan import programs  # noqa: E402
from evalhub.launch.supervisor import Supervisor  # noqa: E402


def run(options: Options) -> int:
    """Returns the exit code: 0 after a stop that was asked for, 1 where --once ended without a board."""
    database.prepare(options.data)
    passwords = demo.create_accounts()
    servers = demo.model_servers(options.data)
    demo.create_suite()
    demo.create_endpoints(servers)
    supervisor = Supervisor(programs(data=options.data, port=options.port, models=servers), data=options.data)
    watcher = watch.Watcher(options, stop=supervisor.stop, passwords=passwords)
    supervisor.serve(on_started=watcher.start)
    return watcher.exit_code
