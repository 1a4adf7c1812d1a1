"""The room for everything that leans on Luigi's inside, measured on Luigi 3.8.1.

Each trick has what Luigi does, what was rejected, and a test of Luigi itself
(``tests/assets/luigi_internals``) that fails once Luigi does otherwise, so that a trick which is
needed no longer is noticed.

==================  ================================================================
task_class          Luigi resolves parameters twice a task, and finds them anew each time.
parameter_class     It takes an empty flag for none, and says nowhere that a line is read.
parameter_values    A plain task gets its values from its class alone.
registry            It finds a class by its name alone, whatever module is asked for.
command_line        It has no exit for a value that a user got wrong.
scheduling          It asks for dependencies twice; its scheduler knows a task by its id alone;
                    what it forks inherits a lock that is held.
assistant           Its scheduler hands tasks to assistants, and no setting.
expected_errors     It logs each error with the frames from its worker to the task.
stored_only         It makes what a ``run()`` yields anew, from text.
task_structure      ``requires()`` may return anything that holds tasks.
==================  ================================================================

What is leant on elsewhere, since it belongs to what it is about: ``execution/process`` (a task's
process outlives its worker), ``execution/progress`` (the visualiser takes messages for HTML),
``secrets/scheduler_token`` (a worker has no place for a token, and asks for a minute where it is
refused), and in ``hn_luigi.web`` the scheduler's state and Luigi's own server.
"""
