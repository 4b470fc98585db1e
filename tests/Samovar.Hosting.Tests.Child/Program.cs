using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar;
using Samovar.Hosting;
using Samovar.Ipc;

// A host whose worker processes all run a task, for tests that send it signals. Arguments: the number of tasks, and the shutdown timeout in seconds.
// It writes "running" when all tasks run and "stopping" when the host stops; a line on standard input lets the tasks complete.

int count = int.Parse(args[0], CultureInfo.InvariantCulture);
double timeout = double.Parse(args[1], CultureInfo.InvariantCulture);

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
builder.Logging.AddSimpleConsole(static options => options.SingleLine = true);
builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(timeout));
builder.Services.AddSamovar().AddProcessExecutor("work", options => options with { Workers = count });

using var begun = new ProcessSemaphore(0);
using var go = new ProcessEvent();
List<Future> tasks = [];
using (var host = builder.Build())
{
    await host.StartAsync();
    var executor = host.Services.GetRequiredKeyedService<ProcessExecutor>("work");
    for (int i = 0; i < count; i++)
    {
        tasks.Add(executor.Submit(() =>
        {
            begun.Release();
            go.Wait();
        }));
    }

    for (int i = 0; i < count; i++) await begun.WaitAsync();
    host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(static () => Console.WriteLine("stopping"));
    Console.WriteLine("running");
    var input = Task.Run(async () =>
    {
        if (await Console.In.ReadLineAsync() is not null) go.Set();
    });
    await host.WaitForShutdownAsync();
}

Console.WriteLine(string.Join(", ", tasks.CountBy(static task => task.State).OrderBy(static state => state.Key).Select(static state => $"{state.Value} {state.Key}")));
