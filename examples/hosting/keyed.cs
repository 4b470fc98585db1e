#:project ../../src/Samovar/Samovar.csproj
#:project ../../src/Samovar.Hosting/Samovar.Hosting.csproj
#:property PublishAot=false

// Executors as services of a host: two of them by name, one configured by appsettings.json, and what an operator sees after a mistake.

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Samovar;
using Samovar.Hosting;

using (var host = Build(("Samovar:Executors:images:Workers", "2"), ("Samovar:Executors:images:IdleTimeout", "00:05:00")))
{
    await host.StartAsync();
    await host.Services.GetRequiredService<Gallery>().ShowAsync(["samovar", "teapot", "cup"]);
    foreach (var executor in host.Services.GetRequiredService<SamovarExecutors>().GetStatistics())
        Console.WriteLine($"{executor.Executor}: {executor.Workers} workers");

    try
    {
        host.Services.GetRequiredKeyedService<Executor>("imgaes");
    }
    catch (InvalidOperationException error)
    {
        Console.WriteLine(error.Message);
    }

    await host.StopAsync();
}

using (var host = Build(("Samovar:Executors:images:Workers", "0")))
{
    try
    {
        await host.StartAsync();
    }
    catch (OptionsValidationException error)
    {
        Console.WriteLine($"not started: {error.Message}");
    }
}

static IHost Build(params (string Key, string Value)[] settings)
{
    var builder = Host.CreateEmptyApplicationBuilder(null);
    builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value));   // or appsettings.json
    builder.Services.AddSamovar(options => options with { StartEagerly = true })
        .AddProcessExecutor("images", options => options with { Workers = 4, CancellationGrace = TimeSpan.FromSeconds(5) })
        .AddThreadExecutor("io", options => options with { Workers = 1 });
    builder.Services.AddSingleton<Gallery>();
    return builder.Build();
}

sealed class Gallery([FromKeyedServices("images")] ProcessExecutor images, [FromKeyedServices("io")] Executor io)
{
    public async Task ShowAsync(string[] names)
    {
        await foreach (string thumbnail in images.Map(names, name => $"{name[..3]}…"))
            await io.Submit(() => Console.WriteLine(thumbnail));
    }
}
