namespace Samovar.Cli.Tour.Lessons;

/// <summary>Breakfast step by step, and with an eye on the kettle.</summary>
internal sealed class Tea : Lesson
{
    public override int Number => 1;

    public override string Title => "Tea";

    public override string Work => "a breakfast whose water boils for four minutes. What is done meanwhile is up to us.";

    public override async Task TeachAsync(Classroom room)
    {
        await using var kitchen = new ThreadExecutor(new() { Name = "kitchen", Workers = 2 });
        await room.TimeAsync("step by step", () =>
        {
            Boil();
            Toast();
            FetchPaper();
            Pour();
            return Breakfast();
        }, static b => b);
        await room.TimeAsync("while the water boils", async () =>
        {
            var kettle = kitchen.Submit(Boil);
            var toaster = kitchen.Submit(Toast);
            FetchPaper();
            await kettle;
            Pour();
            await toaster;
            return Breakfast();
        }, static b => b);

        static string Breakfast() => "tea, toast and the newspaper";
        void Boil() => Do("the water boils", 4);
        void Toast() => Do("the toast is done", 3);
        void FetchPaper() => Do("the newspaper is here", 2);
        void Pour() => Do("the tea is poured", 1);
        void Do(string what, int minutes)
        {
            Blocked.For(minutes * room.Unit);
            room.Say(what);
        }
    }
}
