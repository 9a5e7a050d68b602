module example.com/perks

go 1.22
