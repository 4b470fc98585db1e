namespace Samovar.Tests.Processes;

[Collection(ProcessTestCollection.Name)]
public sealed class FSharpTests
{
    [ProcessFact]
    public async Task A_program_in_FSharp_submits_awaits_and_maps_without_casts()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory); // artifacts/bin/Samovar.Tests/debug
        string program = Path.Combine(here.Parent!.Parent!.FullName, "Samovar.FSharp", here.Name, "Samovar.FSharp.dll");

        string said = await ProgramRun.OutputOfAsync("dotnet", program);

        said.ShouldEndWith("end\n", Case.Sensitive, said);
    }
}
